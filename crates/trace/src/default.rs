//! Values that a field has where older data does not have it.

pub(crate) fn one() -> u32 {
    1
}

pub(crate) fn yes() -> bool {
    true
}
