//! What the tokens of a line are to a theme.

use ir_text::{Token, TokenKind};

/// What a token is to a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// A part of IR that is nothing in particular.
    Plain,
    /// An opcode, and what belongs to one: predicates, `nuw`, `inbounds`.
    Instruction,
    /// A keyword of declarations and attributes, and constants that are words.
    Modifier,
    /// A type.
    Type,
    /// A local or global value.
    Variable,
    /// A local of a derivative that Enzyme made beside one of the primal: a shadow, an adjoint.
    Shadow,
    /// An attribute of a function, a call or a parameter.
    Attribute,
    /// Metadata.
    Metadata,
    /// Quoted text.
    String,
    /// A whole number.
    Integer,
    /// A floating-point number.
    Float,
}

impl Syntax {
    /// Every kind, each at its own position.
    pub(crate) const ALL: [Syntax; 11] = [
        Syntax::Plain,
        Syntax::Instruction,
        Syntax::Modifier,
        Syntax::Type,
        Syntax::Variable,
        Syntax::Shadow,
        Syntax::Attribute,
        Syntax::Metadata,
        Syntax::String,
        Syntax::Integer,
        Syntax::Float,
    ];

    /// The scope by which themes for editors know it.
    pub(crate) fn scope(self) -> Option<&'static str> {
        match self {
            Syntax::Plain => None,
            Syntax::Instruction => Some("keyword.instruction.llvm"),
            Syntax::Modifier => Some("storage.modifier.llvm"),
            Syntax::Type => Some("storage.type.language.llvm"),
            Syntax::Variable => Some("variable.language.llvm"),
            Syntax::Shadow => Some("entity.name.function.llvm"),
            Syntax::Attribute => Some("comment.line.semicolon.llvm"),
            Syntax::Metadata => Some("variable.metadata.llvm"),
            Syntax::String => Some("string.quoted.double.llvm"),
            Syntax::Integer => Some("constant.numeric.integer.llvm"),
            Syntax::Float => Some("constant.numeric.float.llvm"),
        }
    }
}

/// What the first of these tokens is. Those behind it on the line tell a keyword from a field of
/// metadata, which has a colon behind it.
pub(crate) fn of(tokens: &[Token<'_>]) -> Syntax {
    let Some((token, rest)) = tokens.split_first() else {
        return Syntax::Plain;
    };
    match token.kind {
        TokenKind::Local if token.name().contains('\'') => Syntax::Shadow,
        TokenKind::Local | TokenKind::Global => Syntax::Variable,
        TokenKind::Metadata => Syntax::Metadata,
        // The `c` before a constant's bytes is a keyword.
        TokenKind::Text if token.text.starts_with('c') => Syntax::Modifier,
        TokenKind::Text => Syntax::String,
        TokenKind::Number => number(token.text),
        TokenKind::Word => word(token.text, rest),
        TokenKind::Label => match token.text.as_bytes()[0] {
            _ if token.text.contains('\'') => Syntax::Shadow,
            b'"' => Syntax::Variable,
            b'0'..=b'9' => Syntax::Integer,
            _ => Syntax::Plain,
        },
        TokenKind::Space | TokenKind::Comment | TokenKind::Group | TokenKind::Punct => {
            Syntax::Plain
        }
    }
}

fn number(text: &str) -> Syntax {
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.strip_prefix("0x") {
        Some(digits) if is_hex(digits) => Syntax::Integer,
        // The bits of types that have a letter of their own (`0xH3C00`), which themes do not know.
        Some(_) => Syntax::Plain,
        // What a token begins with decides, and a sign is punctuation.
        None if text.starts_with(['-', '+']) => Syntax::Plain,
        None if text.contains('.') => Syntax::Float,
        None => Syntax::Integer,
    }
}

fn word(text: &str, rest: &[Token<'_>]) -> Syntax {
    let is = |words: &[&str]| words.binary_search(&text).is_ok();
    let is_field = || {
        rest.iter()
            .find(|token| token.kind != TokenKind::Space)
            .is_some_and(|token| token.text == ":")
    };
    if is(INSTRUCTIONS) && !is_field() {
        Syntax::Instruction
    } else if is(MODIFIERS) && !is_field() {
        Syntax::Modifier
    } else if is(TYPES) || is_integer_type(text) {
        Syntax::Type
    } else {
        Syntax::Plain
    }
}

/// `i1`, `i64`.
fn is_integer_type(text: &str) -> bool {
    text.strip_prefix('i')
        .is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Opcodes, predicates and flags, in order.
const INSTRUCTIONS: &[&str] = &[
    "add",
    "alloca",
    "and",
    "ashr",
    "atomic",
    "atomicrmw",
    "bitcast",
    "br",
    "call",
    "cmpxchg",
    "eq",
    "exact",
    "extractelement",
    "extractvalue",
    "fadd",
    "fcmp",
    "fdiv",
    "fence",
    "fmul",
    "fpext",
    "fptosi",
    "fptoui",
    "fptrunc",
    "frem",
    "fsub",
    "getelementptr",
    "icmp",
    "inbounds",
    "indirectbr",
    "insertelement",
    "insertvalue",
    "inttoptr",
    "invoke",
    "landingpad",
    "load",
    "lshr",
    "mul",
    "ne",
    "nsw",
    "nuw",
    "oeq",
    "oge",
    "ogt",
    "ole",
    "olt",
    "one",
    "or",
    "ord",
    "phi",
    "ptrtoint",
    "resume",
    "ret",
    "sdiv",
    "select",
    "sext",
    "sge",
    "sgt",
    "shl",
    "shufflevector",
    "sitofp",
    "sle",
    "slt",
    "srem",
    "store",
    "sub",
    "switch",
    "to",
    "trunc",
    "udiv",
    "ueq",
    "uge",
    "ugt",
    "uitofp",
    "ule",
    "ult",
    "une",
    "uno",
    "unreachable",
    "unwind",
    "urem",
    "va_arg",
    "xor",
    "zext",
];

/// Keywords of declarations and attributes, in order.
const MODIFIERS: &[&str] = &[
    "acq_rel",
    "acquire",
    "addrspace",
    "alias",
    "align",
    "alignstack",
    "alwaysinline",
    "appending",
    "argmemonly",
    "asm",
    "attributes",
    "blockaddress",
    "byval",
    "c",
    "cc",
    "ccc",
    "coldcc",
    "common",
    "constant",
    "convergent",
    "datalayout",
    "declare",
    "default",
    "define",
    "deplibs",
    "dereferenceable",
    "dereferenceable_or_null",
    "dllexport",
    "dllimport",
    "except",
    "extern_weak",
    "external",
    "false",
    "fastcc",
    "gc",
    "global",
    "hidden",
    "inaccessiblemem_or_argmemonly",
    "inaccessiblememonly",
    "inalloca",
    "inlinehint",
    "inreg",
    "internal",
    "jumptable",
    "linkonce",
    "linkonce_odr",
    "local_unnamed_addr",
    "metadata",
    "minsize",
    "module",
    "monotonic",
    "naked",
    "nest",
    "noalias",
    "nobuiltin",
    "nocapture",
    "noduplicate",
    "noimplicitfloat",
    "noinline",
    "nonlazybind",
    "nonnull",
    "norecurse",
    "noredzone",
    "noreturn",
    "nounwind",
    "null",
    "opaque",
    "optnone",
    "optsize",
    "personality",
    "prefix",
    "private",
    "prologue",
    "protected",
    "ptx_device",
    "ptx_kernel",
    "readnone",
    "readonly",
    "release",
    "returned",
    "returns_twice",
    "safestack",
    "sanitize_address",
    "sanitize_memory",
    "sanitize_thread",
    "section",
    "seq_cst",
    "sideeffect",
    "signext",
    "sret",
    "ssp",
    "sspreq",
    "sspstrong",
    "swifterror",
    "swiftself",
    "tail",
    "target",
    "thread_local",
    "triple",
    "true",
    "type",
    "undef",
    "unnamed_addr",
    "unordered",
    "uwtable",
    "volatile",
    "weak",
    "weak_odr",
    "writeonly",
    "x86_fastcallcc",
    "x86_stdcallcc",
    "zeroext",
    "zeroinitializer",
];

/// Types but for integers, in order.
const TYPES: &[&str] = &[
    "bfloat",
    "double",
    "float",
    "fp128",
    "half",
    "label",
    "metadata",
    "ppc_fp128",
    "ptr",
    "token",
    "void",
    "x86_fp80",
];

#[cfg(test)]
mod tests {
    use super::*;
    use ir_text::lex;

    #[test]
    fn words_are_found_by_halves() {
        for words in [INSTRUCTIONS, MODIFIERS, TYPES] {
            assert!(words.is_sorted());
        }
        for (at, syntax) in Syntax::ALL.iter().enumerate() {
            assert_eq!(at, *syntax as usize);
        }
    }

    #[test]
    fn a_field_of_metadata_is_no_keyword() {
        let first = |line: &str| of(&lex(line));
        assert_eq!(first("type !5"), Syntax::Modifier);
        assert_eq!(first("type: !5"), Syntax::Plain);
        assert_eq!(first("i64 0"), Syntax::Type);
        assert_eq!(first("12:"), Syntax::Integer);
        assert_eq!(first("load.i:"), Syntax::Plain);
    }
}
