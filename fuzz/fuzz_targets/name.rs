//! Feeds arbitrary bytes to `readers::name`.

#![no_main]

#[path = "../src/readers.rs"]
#[allow(dead_code)]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::name(data));
