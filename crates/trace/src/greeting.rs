//! What `irad` and an engine say to each other first.

use serde::{Deserialize, Serialize};

/// The number of the protocol. It grows when a request or an event comes to mean something else.
const PROTOCOL: u32 = 1;

/// The first frame in each direction: it is the same in all versions, so that two programs that do not belong
/// together can say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The number of the protocol.
    pub protocol: u32,
    /// The version of irad that the program belongs to.
    pub irad: String,
    /// The LLVM that an engine has; empty from the front, which has none.
    #[serde(default)]
    pub llvm: String,
}

impl Greeting {
    /// That of this version.
    pub fn new(llvm: String) -> Self {
        Greeting {
            protocol: PROTOCOL,
            irad: env!("CARGO_PKG_VERSION").to_owned(),
            llvm,
        }
    }

    /// True when what `other` says can be understood.
    pub fn fits(&self, other: &Greeting) -> bool {
        (self.protocol, &self.irad) == (other.protocol, &other.irad)
    }
}

impl std::fmt::Display for Greeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "version {} with protocol {}", self.irad, self.protocol)
    }
}
