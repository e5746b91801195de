//! Data as a page carries it: compressed, and then text that means nothing to HTML.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

/// Compresses bytes. What comes of the same bytes is the same.
pub fn pack(bytes: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(9));
    // Writing into memory cannot fail.
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    STANDARD.encode(packed.unwrap_or_default())
}

/// Takes back what [`pack`] made. More than `most` bytes are an error: a page may come from anywhere.
pub fn unpack(text: &str, most: u64) -> io::Result<Vec<u8>> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let packed = STANDARD.decode(text.trim()).map_err(invalid)?;
    let mut bytes = Vec::new();
    ZlibDecoder::new(&packed[..])
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it holds more than {most} bytes"),
        )),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_no_bomb_goes_off() {
        let bytes = b"</script>\0\xff".repeat(1000);
        let packed = pack(&bytes);
        assert!(packed.len() < bytes.len());
        assert!(
            packed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        );
        assert_eq!(unpack(&packed, 1 << 20).unwrap(), bytes);
        assert!(unpack(&packed, 100).is_err());
        assert!(unpack("%%%", 100).is_err());
    }
}
