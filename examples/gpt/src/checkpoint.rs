//! A saved training run: everything that the next step depends on, in one file.
//!
//! Little endian, in this order: the eight bytes of `MAGIC`; the six sizes; the step; the state of the
//! random numbers; the vocabulary (a count, then the characters as 32 bits each); the curve (a count,
//! then step, training loss and held-out loss of each point); parameters, means and squares of AdamW, each
//! as long as the sizes say; a checksum of all bytes before it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::adamw::AdamW;
use crate::error::Error;
use crate::idiomatic::{self, Config};
use crate::random::Random;
use crate::text::Vocabulary;

const MAGIC: &[u8; 8] = b"iradgpt1";

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Steps that were taken.
    pub step: u64,
    /// Mean training loss since the last point.
    pub train: f32,
    /// Loss on what is held out.
    pub held_out: f32,
}

/// A run between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The model's sizes.
    pub config: Config,
    /// Steps that were taken.
    pub step: u64,
    /// Where the batches' random numbers stand.
    pub random: Random,
    /// What the tokens mean.
    pub vocabulary: Vocabulary,
    /// What was measured so far.
    pub curve: Vec<Point>,
    /// The model.
    pub params: Vec<f32>,
    /// The optimiser.
    pub optimiser: AdamW,
}

impl Checkpoint {
    /// Writes a new file beside the old one and puts it into its place: whatever happens meanwhile, one of
    /// the two is there whole.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut bytes = MAGIC.to_vec();
        for number in header(&self.config) {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(self.step.to_le_bytes());
        bytes.extend(self.random.state().to_le_bytes());
        bytes.extend((self.vocabulary.len() as u64).to_le_bytes());
        for &c in self.vocabulary.chars() {
            bytes.extend((c as u32).to_le_bytes());
        }
        bytes.extend((self.curve.len() as u64).to_le_bytes());
        for point in &self.curve {
            bytes.extend(point.step.to_le_bytes());
            bytes.extend(point.train.to_le_bytes());
            bytes.extend(point.held_out.to_le_bytes());
        }
        for tensor in [&self.params, &self.optimiser.m, &self.optimiser.v] {
            for value in tensor {
                bytes.extend(value.to_le_bytes());
            }
        }
        bytes.extend(checksum(&bytes).to_le_bytes());

        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::file("make", parent, &error))?;
        }
        let beside = beside(path);
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(|error| Error::file("write", &beside, &error))?;
        fs::rename(&beside, path).map_err(|error| Error::file("write", path, &error))
    }

    /// Reads a file that [`Checkpoint::save`] wrote. Anything else is an error, and the file stays.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|error| Error::file("read", path, &error))?;
        let damaged = |what: &str| {
            Error::new(format!(
                "{} is damaged: {what}. It was left as it is; train without --resume to begin anew",
                path.display()
            ))
        };
        if !bytes.starts_with(MAGIC) {
            return Err(Error::new(format!(
                "{} is no checkpoint of this program",
                path.display()
            )));
        }
        let Some((body, end)) = bytes.split_last_chunk::<8>() else {
            return Err(damaged("it is cut off"));
        };
        if checksum(body) != u64::from_le_bytes(*end) {
            return Err(damaged("its checksum does not fit"));
        }
        Reader(&body[MAGIC.len()..])
            .checkpoint()
            .ok_or_else(|| damaged("its sizes do not fit its length"))
    }
}

/// Where a file is written before it gets its name.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn header(config: &Config) -> [u64; 6] {
    let Config {
        batch,
        time,
        channels,
        vocabulary,
        layers,
        heads,
    } = *config;
    [batch, time, channels, vocabulary, layers, heads].map(|size| size as u64)
}

/// FNV-1a over 64 bits: it notices what disks and copies do, not what people do.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    fn number(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn float(&mut self) -> Option<f32> {
        self.bytes().map(f32::from_le_bytes)
    }

    /// A count of things that take `bytes` each and are still to come.
    fn count(&mut self, bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len() / bytes).then_some(count)
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        (count <= self.0.len() / 4).then_some(())?;
        (0..count).map(|_| self.float()).collect()
    }

    fn checkpoint(&mut self) -> Option<Checkpoint> {
        let mut size = || {
            self.number()
                .filter(|&size| size <= 1 << 20)
                .map(|size| size as usize)
        };
        let config = Config {
            batch: size()?,
            time: size()?,
            channels: size()?,
            vocabulary: size()?,
            layers: size()?,
            heads: size()?,
        };
        let step = self.number()?;
        let random = Random::from_state(self.number()?);
        let chars = self.count(4)?;
        let chars: Option<Vec<char>> = (0..chars)
            .map(|_| char::from_u32(u32::from_le_bytes(self.bytes()?)))
            .collect();
        let vocabulary = Vocabulary::from_chars(chars?);
        let points = self.count(16)?;
        let curve: Option<Vec<Point>> = (0..points)
            .map(|_| {
                Some(Point {
                    step: self.number()?,
                    train: self.float()?,
                    held_out: self.float()?,
                })
            })
            .collect();
        let (params, _) = idiomatic::sizes(&config);
        let checkpoint = Checkpoint {
            config,
            step,
            random,
            vocabulary,
            curve: curve?,
            params: self.floats(params)?,
            optimiser: AdamW {
                m: self.floats(params)?,
                v: self.floats(params)?,
            },
        };
        (self.0.is_empty() && checkpoint.vocabulary.len() == config.vocabulary)
            .then_some(checkpoint)
    }
}
