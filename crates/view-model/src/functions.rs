//! The functions of a file, found by a few letters of their paths.

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its symbol.
    pub symbol: String,
    /// Its path.
    pub path: String,
    /// It is of the crate that the file is made of.
    pub is_own: bool,
}

/// The functions of a file, the crate's own first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Functions {
    all: Vec<Listed>,
    /// What they are searched for.
    query: String,
    /// Those that match, the best first.
    found: Vec<usize>,
    /// Position among those that match.
    pub cursor: usize,
}

impl Functions {
    /// These functions.
    pub fn of(mut all: Vec<Listed>) -> Self {
        all.sort_by(|a, b| b.is_own.cmp(&a.is_own).then_with(|| a.path.cmp(&b.path)));
        let found = (0..all.len()).collect();
        Functions {
            all,
            query: String::new(),
            found,
            cursor: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Those that match.
    pub fn found(&self) -> impl ExactSizeIterator<Item = &Listed> {
        self.found.iter().map(|&at| &self.all[at])
    }

    /// The one at the cursor.
    pub fn chosen(&self) -> Option<&Listed> {
        self.found.get(self.cursor).map(|&at| &self.all[at])
    }

    /// The one of a symbol.
    pub fn of_symbol(&self, symbol: &str) -> Option<&Listed> {
        self.all.iter().find(|listed| listed.symbol == symbol)
    }

    /// What they are searched for.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Searches. Where there are more letters than before, only what has matched so far is looked at.
    pub fn search(&mut self, query: &str) {
        let narrows = query.starts_with(&self.query);
        let pool: Vec<usize> = match narrows {
            true => std::mem::take(&mut self.found),
            false => (0..self.all.len()).collect(),
        };
        let mut found: Vec<(u32, usize)> = pool
            .into_iter()
            .filter_map(|at| Some((distance(query, &self.all[at].path)?, at)))
            .collect();
        // The crate's own first, then the closest.
        found.sort_by_key(|&(distance, at)| (!self.all[at].is_own, distance, at));
        self.found = found.into_iter().map(|(_, at)| at).collect();
        query.clone_into(&mut self.query);
        self.cursor = 0;
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        let last = self.found.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }
}

/// How far a path is from a query whose letters stand in it in their order, in either case; none if they do not.
/// Letters that stand together, begin a word, or stand near the end are closer.
pub fn distance(query: &str, path: &str) -> Option<u32> {
    let wanted: Vec<char> = query
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .collect();
    if wanted.is_empty() {
        return Some(0);
    }
    let path: Vec<char> = path.chars().flat_map(char::to_lowercase).collect();
    // From the end: the last part of a path is what people know it by.
    let mut distance = 0;
    let mut at = path.len();
    let mut last: Option<usize> = None;
    for letter in wanted.iter().rev() {
        at = path[..at].iter().rposition(|c| c == letter)?;
        distance += match last {
            Some(last) if last == at + 1 => 0,
            Some(last) => 2 + u32::try_from((last - at).min(20)).unwrap_or(20),
            None => u32::try_from((path.len() - at).min(20)).unwrap_or(20),
        };
        last = Some(at);
    }
    let begins_word = at == 0 || !path[at - 1].is_alphanumeric();
    Some(distance + u32::from(!begins_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(path: &str, is_own: bool) -> Listed {
        Listed {
            symbol: path.to_owned(),
            path: path.to_owned(),
            is_own,
        }
    }

    fn paths(functions: &Functions) -> Vec<&str> {
        functions
            .found()
            .map(|listed| listed.path.as_str())
            .collect()
    }

    #[test]
    fn a_few_letters_find_a_function_and_the_own_crate_comes_first() {
        let mut functions = Functions::of(vec![
            listed("core::fmt::loss", false),
            listed("model::layer::forward", true),
            listed("model::loss", true),
            listed("alloc::vec::push", false),
        ]);
        assert_eq!(
            functions.found().next().unwrap().path,
            "model::layer::forward"
        );
        functions.search("lss");
        assert_eq!(paths(&functions), ["model::loss", "core::fmt::loss"]);
        functions.search("mlfw");
        assert_eq!(paths(&functions), ["model::layer::forward"]);
        functions.search("zzz");
        assert!(functions.chosen().is_none());
        functions.search("");
        assert_eq!(functions.found().len(), 4);
    }

    #[test]
    fn letters_together_are_closer() {
        let near = distance("loss", "model::loss").unwrap();
        let far = distance("loss", "lib::other::sort_s").unwrap();
        assert!(near < far);
        assert_eq!(distance("loss", "sol"), None);
    }
}
