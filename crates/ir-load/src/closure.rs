//! What of a module is kept with some of its functions.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::closed::{self, ENTRIES, is_closed};
use crate::lex::{self, Reference};
use crate::outline::{Entity, EntityKind, Node, Outline};

/// What is kept.
pub(crate) struct Closure<'o, 'a> {
    pub(crate) outline: &'o Outline<'a>,
    /// By place in [`Outline::entities`].
    pub(crate) kept: Vec<bool>,
    /// Functions that are only named as how to unwind. Nothing looks into them.
    pub(crate) declared: FxHashSet<usize>,
    /// Functions that are kept as declarations of what they are. Nothing looks into them either.
    pub(crate) closed: FxHashSet<usize>,
    pub(crate) nodes: FxHashMap<u32, Node>,
    /// Lists that compile units have of what is in them. Members do not come along with them.
    pub(crate) lists: FxHashSet<u32>,
    todo: Vec<Todo>,
    /// References to metadata that is not there.
    pub(crate) dangling: usize,
    /// True when a kept node refers to one that is not there.
    pub(crate) broken_nodes: bool,
}

enum Todo {
    Entity(usize),
    Node(Node),
}

impl<'o, 'a> Closure<'o, 'a> {
    pub(crate) fn new(outline: &'o Outline<'a>) -> Self {
        Closure {
            outline,
            kept: vec![false; outline.entities.len()],
            declared: FxHashSet::default(),
            closed: FxHashSet::default(),
            nodes: FxHashMap::default(),
            lists: FxHashSet::default(),
            todo: Vec::new(),
            dangling: 0,
            broken_nodes: false,
        }
    }

    /// Keeps it as it stands.
    pub(crate) fn keep(&mut self, at: usize) {
        if !self.kept[at] {
            self.kept[at] = true;
            self.todo.push(Todo::Entity(at));
        }
    }

    /// Keeps it, or its declaration where that is all that is needed.
    pub(crate) fn keep_if_open(&mut self, at: usize) {
        if !self.kept[at] && is_closed(self.outline, &self.outline.entities[at]) {
            self.closed.insert(at);
        }
        self.keep(at);
    }

    pub(crate) fn keep_what_is_of_the_module(&mut self) {
        for (at, entity) in self.outline.entities.iter().enumerate() {
            let name = &self.outline.text[entity.name.clone()];
            let is_of_the_module = match entity.kind {
                // Assembly may define and use any symbol.
                EntityKind::SourceFilename | EntityKind::Target | EntityKind::Assembly => true,
                EntityKind::NamedMetadata => name != UNITS,
                // Enzyme reads rules from variables that only their names make known.
                EntityKind::Global => name.starts_with(b"__enzyme_"),
                // Passes and Enzyme put in calls of what they know by its name (`llvm.sin.f64`, `cosh`),
                // and take the attributes from the declaration that is there.
                EntityKind::Declare => {
                    let name = name.strip_prefix(b"\"").unwrap_or(name);
                    !name.starts_with(b"_ZN") && !name.starts_with(b"_R")
                }
                _ => false,
            };
            if is_of_the_module {
                self.keep(at);
            }
        }
    }

    /// What a derivative allocates it frees, and what it keeps it allocates, so where one of these is needed
    /// all of them may be.
    pub(crate) fn keep_allocator(&mut self) {
        let is_entry = |entity: &Entity| {
            let name = &self.outline.text[entity.name.clone()];
            matches!(entity.kind, EntityKind::Define | EntityKind::Declare)
                && ENTRIES.iter().any(|entry| name.ends_with(entry))
        };
        let entities = self.outline.entities.iter().enumerate();
        let entries: Vec<usize> = entities
            .filter(|(_, entity)| is_entry(entity))
            .map(|(at, _)| at)
            .collect();
        if entries.iter().any(|&at| self.kept[at]) {
            for at in entries {
                self.keep_if_open(at);
            }
        }
    }

    pub(crate) fn finish(&mut self) {
        while let Some(todo) = self.todo.pop() {
            match todo {
                Todo::Entity(at) => self.follow_entity(at),
                Todo::Node(node) => self.follow_node(node),
            }
        }
    }

    fn follow_entity(&mut self, at: usize) {
        let outline = self.outline;
        let entity = &outline.entities[at];
        if is_partial(outline, entity) {
            return;
        }
        let (start, end) = match self.closed.contains(&at) {
            true => {
                for group in closed::groups(outline, entity) {
                    if let Some(group) = outline.group(group) {
                        self.keep(group);
                    }
                }
                closed::head(outline, entity)
            }
            // A cut-off file has lost its metadata, which stands at its end.
            false => (entity.start, entity.end),
        };
        lex::references(outline.text, start, end, &mut |kind, start, end| {
            self.follow(at, kind, start, end);
        });
    }

    fn follow(&mut self, owner: usize, kind: Reference, start: usize, end: usize) {
        let outline = self.outline;
        let written = &outline.text[start + 1..end];
        let found = match kind {
            Reference::Global => outline.global_written(written),
            Reference::Type => outline.type_written(written),
            Reference::Comdat => outline.comdat(&lex::plain_name(written)),
            Reference::OwnComdat => outline.comdat(&outline.name(&outline.entities[owner])),
            Reference::Attributes(number) => outline.group(number),
            Reference::Metadata(number) => {
                match outline.node(number) {
                    Some(node) => self.keep_node(node),
                    None => self.dangling += 1,
                }
                return;
            }
        };
        if let Some(found) = found {
            let is_declared = outline.entities[found].kind == EntityKind::Define
                && outline.text[..start].ends_with(b" personality ptr ");
            if is_declared {
                self.declared.insert(found);
            } else {
                self.keep_if_open(found);
            }
        }
    }

    pub(crate) fn keep_node(&mut self, node: Node) {
        if self.nodes.insert(node.number, node).is_none() {
            self.todo.push(Todo::Node(node));
        }
    }

    fn follow_node(&mut self, node: Node) {
        let text = self.outline.text;
        let is_unit = value(text, node).starts_with(b"distinct !DICompileUnit(");
        lex::references(text, node.start, node.end(), &mut |kind, start, end| {
            match kind {
                // The node's own name.
                Reference::Metadata(_) if start == node.start => {}
                Reference::Metadata(number) => {
                    if is_unit && UNIT_LISTS.iter().any(|list| text[..start].ends_with(list)) {
                        self.lists.insert(number);
                    } else if let Some(node) = self.outline.node(number) {
                        self.keep_node(node);
                    } else {
                        self.dangling += 1;
                        self.broken_nodes = true;
                    }
                }
                // What metadata names is kept whole: a declaration in its place could be told from it.
                Reference::Global | Reference::Type => self.follow(0, kind, start, end),
                _ => {}
            }
        });
    }
}

/// The list of compile units. Only those that are reached are kept.
const UNITS: &[u8] = b"llvm.dbg.cu";

/// Lists in a compile unit that name things of the whole program.
const UNIT_LISTS: [&[u8]; 4] = [b"globals: ", b"enums: ", b"retainedTypes: ", b"imports: "];

/// Variables that list others, of which only the kept ones are listed in a slice.
const LISTS: [&[u8]; 4] = [
    b"llvm.used",
    b"llvm.compiler.used",
    b"llvm.global_ctors",
    b"llvm.global_dtors",
];

/// True for what is kept as far as its members are, and never keeps them.
pub(crate) fn is_partial(outline: &Outline<'_>, entity: &Entity) -> bool {
    let name = &outline.text[entity.name.clone()];
    match entity.kind {
        EntityKind::Global => LISTS.contains(&name),
        EntityKind::NamedMetadata => name == UNITS,
        _ => false,
    }
}

/// What stands behind a node's `=`.
pub(crate) fn value(text: &[u8], node: Node) -> &[u8] {
    let whole = &text[node.start..node.end()];
    let equals = memchr::memchr(b'=', whole).map_or(whole.len(), |at| at + 1);
    whole[equals..].trim_ascii_start()
}
