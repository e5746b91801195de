//! What of a text a normal form keeps.

/// What of a text a normal form keeps. Comments are always left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// How the text is laid out: white space, and the commas that separate parameters.
    pub(super) layout: bool,
    /// What speaks of the source and not of what the function does: debug records, attached places, and
    /// lines that hold nothing else.
    pub(super) source: bool,
}

impl Keep {
    /// For keys: tokens alone. What speaks of the source is compared, too, and every line has a form.
    pub(super) const FOR_KEYS: Keep = Keep {
        layout: false,
        source: true,
    };
    /// For writing down: text that people read, without anything of the machine that made it.
    pub(super) const FOR_WRITING: Keep = Keep {
        layout: true,
        source: false,
    };
}
