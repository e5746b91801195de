//! Hands options to LLVM's own command-line parser.
#![allow(unsafe_code, reason = "calls into options.cpp")]

use std::ffi::CString;

use crate::boundary::irad_parse_options;
use crate::error::Error;
use crate::strings::{c_string, take};

/// Hands options to LLVM's own command-line parser, each with its leading dash.
pub fn parse_options(options: &[String]) -> Result<(), Error> {
    if options.is_empty() {
        return Ok(());
    }
    let program = c_string("irad-engine");
    let options: Vec<CString> = options.iter().map(|option| c_string(option)).collect();
    let mut arguments = vec![program.as_ptr()];
    arguments.extend(options.iter().map(|option| option.as_ptr()));
    let count = i32::try_from(arguments.len()).expect("few options");
    // SAFETY: an array of `count` NUL-terminated strings that live through the call.
    let message = unsafe { take(irad_parse_options(count, arguments.as_ptr())) };
    message.map_or(Ok(()), |message| {
        Err(Error::Options(message.trim().to_owned()))
    })
}
