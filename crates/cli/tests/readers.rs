//! What reads bytes before LLVM does takes any bytes. The fuzz targets' own functions, on damaged
//! fixtures and on texts that proptest thinks up; `make fuzz` goes on from here for longer.

#[path = "../../../fuzz/src/readers.rs"]
mod readers;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

/// Small fixtures of every kind.
fn fixtures() -> Vec<Vec<u8>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"));
    let mut files: Vec<PathBuf> = [root.to_owned(), root.join("errors"), root.join("refused")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.metadata().unwrap().len() < 8 * 1024)
        .collect();
    files.sort();
    assert!(files.len() > 30, "{} fixtures", files.len());
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// A fixture that was cut off, with a few bytes replaced and a part of another one put into it.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let fixture = || prop::sample::select(fixtures());
    let places = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    (
        fixture(),
        fixture(),
        any::<[prop::sample::Index; 4]>(),
        places,
    )
        .prop_map(|(mut bytes, other, [cut, at, start, end], places)| {
            bytes.truncate(cut.index(bytes.len() + 1));
            let (start, end) = (start.index(other.len() + 1), end.index(other.len() + 1));
            let at = at.index(bytes.len() + 1);
            bytes.splice(
                at..at,
                other[start.min(end)..start.max(end)].iter().copied(),
            );
            for (place, byte) in places {
                if !bytes.is_empty() {
                    let at = place.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            bytes
        })
}

/// Frames with such bytes in them, and ends that are cut off.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let event = prop::sample::select(vec![
        &b"\"done\""[..],
        b"\"module\"",
        b"{\"stage\":\"input\"}",
        b"{\"text\":{\"body\":\"\"}}",
        b"{\"text\":{\"body\":\"\",\"metadata\":[1]}}",
        b"{\"definition\":\"!1 = !{}\"}",
        b"define void @f() {\n}\n",
        b"\xff",
    ]);
    (
        prop::collection::vec(event, 0..6),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(events, cut)| {
            let mut bytes = Vec::new();
            for event in events {
                trace::write_frame(&mut bytes, event).unwrap();
            }
            bytes.truncate(bytes.len() - cut.index(bytes.len() + 1) / 4);
            bytes
        })
}

fn all(data: &[u8]) {
    for (_, reader) in readers::READERS {
        reader(data);
    }
}

#[test]
fn whole_fixtures_are_read() {
    for fixture in fixtures() {
        all(&fixture);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(data: Vec<u8>) {
        all(&data);
    }

    #[test]
    fn any_frames_are_read(data in frames()) {
        all(&data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn damaged_fixtures_are_read(data in damaged()) {
        all(&data);
    }

    #[test]
    fn two_damaged_texts_are_compared(before in damaged(), after in damaged()) {
        readers::diff(&[before, after].join(&0));
    }
}
