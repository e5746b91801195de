//! Feeds arbitrary bytes to `readers::bitcode`.

#![no_main]

#[path = "../src/readers.rs"]
#[allow(dead_code)]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::bitcode(data));
