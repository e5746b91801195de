//! Has a crash say where the process was.
#![allow(unsafe_code, reason = "calls into crash.cpp")]

use crate::boundary::{irad_report_crashes, irad_set_place};
use crate::strings::c_string;

/// From now on a crash of this process writes where it was to standard error.
pub fn report_crashes() {
    // SAFETY: installs signal handlers that only write static memory.
    unsafe { irad_report_crashes() }
}

/// Says where the process is, for [`report_crashes`].
pub fn set_place(place: &str) {
    let place = c_string(place);
    // SAFETY: C++ copies the string.
    unsafe { irad_set_place(place.as_ptr()) }
}
