//! What LLVM writes and cannot read is left out, and everything else stays where it is.

use std::path::Path;

use ir_load::{Index, Origin, Source, slice};

const TEXT: &str = "\
define double @f(double %x) {
  call void asm sideeffect \"\", \"~{memory}\"()
  call void asm sideeffect \"\", \"~{memory}\"()
  %y = fmul double %x, %x
  ret double %y

; uselistorder directives
  uselistorder double %x, { 1, 0 }
}

; uselistorder directives
uselistorder ptr asm sideeffect \"\", \"~{memory}\", { 1, 0 }
@text = constant [21 x i8] c\"uselistorder ptr asm \"
";

fn source(text: &str) -> Source {
    Source::new(
        Origin::File(Path::new("a.ll").to_owned()),
        text.as_bytes().to_vec(),
    )
    .unwrap()
}

#[test]
fn the_order_of_uses_of_inline_assembly_is_a_comment() {
    let source = source(TEXT);
    let module = source.module(1).unwrap();
    let text = String::from_utf8(module.to_vec()).unwrap();
    assert_eq!(text.len(), TEXT.len());
    let changed: Vec<&str> = text
        .lines()
        .zip(TEXT.lines())
        .filter(|(now, before)| now != before)
        .map(|(now, _)| now)
        .collect();
    assert_eq!(
        changed,
        [";selistorder ptr asm sideeffect \"\", \"~{memory}\", { 1, 0 }"]
    );
    let part = slice(&Index::of(&module), &["f"]).unwrap();
    assert!(!String::from_utf8(part.text).unwrap().contains("ptr asm"));
}

#[test]
fn a_text_without_such_a_line_stays_as_it_is() {
    let plain = TEXT.replace("uselistorder ptr asm sideeffect", "uselistorder ptr @text");
    assert_eq!(&*source(&plain).module(1).unwrap(), plain.as_bytes());
}
