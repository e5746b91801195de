//! Results as JUnit writes them down, which most CI systems read.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use snapshots::update::Standing;

use super::report::{Report, sentence};
use crate::failure::Failure;

/// The document: one case for each entry.
pub fn document(report: &Report<'_>) -> String {
    let mut suite = TestSuite::new("irad snap check");
    suite.set_time(report.taken);
    for row in report.rows {
        let kind = match row.standing {
            Standing::Changed | Standing::New => Some(NonSuccessKind::Failure),
            Standing::Failed => Some(NonSuccessKind::Error),
            _ => None,
        };
        let status = match kind {
            None => TestCaseStatus::success(),
            Some(kind) => {
                let mut status = TestCaseStatus::non_success(kind);
                status.set_message(sentence(row));
                status.set_type(row.standing.word());
                let mut words = row.changes.as_ref().map_or_else(String::new, |c| c.patch());
                if let Some(failure) = row.error.as_ref().map(Failure::from) {
                    for line in failure.details_in_lines() {
                        words.push_str(&line);
                        words.push('\n');
                    }
                }
                status.set_description(words);
                status
            }
        };
        let mut case = TestCase::new(row.entry.name.clone(), status);
        case.set_classname(row.entry.source.0.clone());
        case.set_time(row.taken);
        suite.add_test_case(case);
    }
    let mut document = Document::new("irad");
    document.set_time(report.taken);
    document.add_test_suite(suite);
    document
        .to_string()
        .expect("what is written is text in memory")
}
