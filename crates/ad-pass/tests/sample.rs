//! Functions of real crates, which are larger than any fixture: LLVM reads the same function from a slice
//! as from the whole.

mod real;

use std::fs;

use diff_view::{Show, diff};
use inkwell::context::Context;
use inkwell::module::Module;
use ir_load::{Bitcode, GlobalKind, Index, slice};
use llvm_shim::Printer;

/// Every so manieth function of a crate; how many they are.
fn compare(name: &str, every: usize) -> usize {
    let file = real::module(name);
    let text = fs::read(&file).unwrap();
    let index = Index::of(&text);
    let context = Context::create();
    let whole = ad_pass::load(&context, &text, name).unwrap();
    let bytes = llvm_shim::write_bitcode(&whole);
    let uses = Bitcode::uses(&bytes).unwrap();
    let mut printer = Printer::new(&whole);
    let functions = index.functions().iter().filter(|f| f.is_defined);
    let mut count = 0;
    for function in functions.step_by(every) {
        let symbol = function.symbol.as_str();
        let expected = printer.print(whole.get_function(symbol).unwrap());
        let same = |part: &[u8], from: &str| {
            let context = Context::create();
            // It is verified, too.
            let part = ad_pass::load(&context, part, name)
                .unwrap_or_else(|error| panic!("{symbol} from {from}: {error:?}"));
            let found = print(&part, symbol);
            assert!(
                !diff(&expected, &found, None).differs(Show::All),
                "{symbol} from {from}:\n{expected}\n{found}"
            );
        };
        let cut = slice(&index, &[symbol]).unwrap();
        same(&cut.text, "text");
        let again = slice(&Index::of(&cut.text), &[symbol]).unwrap();
        assert!(
            again.text == cut.text,
            "the slice of {symbol}'s slice is another"
        );

        let mut users = |wanted: &[(bool, usize)]| {
            let wanted = wanted.iter().map(|&(is_function, at)| match is_function {
                true => (GlobalKind::Function, at),
                false => (GlobalKind::Variable, at),
            });
            Some(uses.users(&wanted.collect::<Vec<_>>()))
        };
        let own = Context::create();
        let symbols = [symbol.to_owned()];
        let extract = llvm_shim::extract(&own, &bytes, name, &symbols, &mut users).unwrap();
        let cut = slice(&Index::of(&extract), &[symbol]).unwrap();
        same(&cut.text, "bitcode");
        count += 1;
    }
    count
}

fn print(module: &Module<'_>, symbol: &str) -> String {
    let function = module.get_function(symbol).unwrap();
    Printer::new(module).print(function)
}

#[test]
fn every_few_functions_of_small_crates_are_the_same_in_a_slice() {
    let count = compare("rustc-demangle", 12) + compare("strsim", 12);
    assert!(count > 40, "{count}");
}

#[test]
fn functions_out_of_thirty_megabytes_are_the_same_in_a_slice() {
    let count = compare("regex-syntax", 200);
    assert!(count > 8, "{count}");
}
