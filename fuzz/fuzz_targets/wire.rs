//! Feeds arbitrary bytes to `readers::wire`.

#![no_main]

#[path = "../src/readers.rs"]
#[allow(dead_code)]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::wire(data));
