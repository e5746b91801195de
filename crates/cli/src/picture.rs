//! Views as pictures and as fragments of HTML, for slides and posts: `--format svg` and `--format html`.

use std::fmt::Write;
use std::sync::LazyLock;

use anstyle::{Color, Effects, RgbColor};
use anstyle_svg::{Palette, Term};
use diff_view::{Paint, Row, Style, Theme, look};
use regex::Regex;
use unicode_width::UnicodeWidthStr;

/// What is made of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A picture.
    Svg,
    /// A fragment to put into a page.
    Html,
}

/// How a view is drawn: what is made of it, in which colours, for how many columns.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// What is made.
    pub form: Form,
    /// The syntax colours.
    pub theme: Theme,
    /// Columns to lay out for.
    pub columns: usize,
}

/// Columns of a picture where nobody says how many.
pub const COLUMNS: usize = 100;

/// The contrast with the ground that text has at least. Themes for editors dim what a reader in the last row is to
/// read, too.
const CONTRAST: f64 = 5.0;

/// How much of its colour text keeps that a terminal dims. On a slide less of it could not be read.
const DIMMED: &str = "0.75";

/// The fonts that are tried, one after the other.
const FONTS: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

/// The colours that a terminal calls its own, on a dark ground and on a light one. Each can be read on the ground and
/// on the tint of changed lines.
const ON_DARK: Palette = Palette([
    RgbColor(0x48, 0x4f, 0x58),
    RgbColor(0xff, 0x8a, 0x80),
    RgbColor(0x56, 0xd3, 0x64),
    RgbColor(0xf2, 0xcc, 0x60),
    RgbColor(0x79, 0xc0, 0xff),
    RgbColor(0xe2, 0xb3, 0xff),
    RgbColor(0x66, 0xd9, 0xe8),
    RgbColor(0xd0, 0xd7, 0xde),
    RgbColor(0x8b, 0x94, 0x9e),
    RgbColor(0xff, 0xa1, 0x98),
    RgbColor(0x7e, 0xe7, 0x87),
    RgbColor(0xf8, 0xe3, 0xa1),
    RgbColor(0xa5, 0xd6, 0xff),
    RgbColor(0xee, 0xcb, 0xff),
    RgbColor(0xa5, 0xf0, 0xfa),
    RgbColor(0xff, 0xff, 0xff),
]);
const ON_LIGHT: Palette = Palette([
    RgbColor(0x24, 0x29, 0x2f),
    RgbColor(0xb3, 0x1d, 0x28),
    RgbColor(0x11, 0x63, 0x29),
    RgbColor(0x7d, 0x4e, 0x00),
    RgbColor(0x05, 0x50, 0xae),
    RgbColor(0x6f, 0x2d, 0xbd),
    RgbColor(0x0b, 0x5c, 0x66),
    RgbColor(0x57, 0x60, 0x6a),
    RgbColor(0x57, 0x60, 0x6a),
    RgbColor(0xa4, 0x0e, 0x26),
    RgbColor(0x11, 0x63, 0x29),
    RgbColor(0x63, 0x3c, 0x01),
    RgbColor(0x03, 0x3d, 0x8b),
    RgbColor(0x51, 0x2a, 0x97),
    RgbColor(0x0b, 0x5c, 0x66),
    RgbColor(0x24, 0x29, 0x2f),
]);

/// What is below the text, and the text's own colour.
struct Ground {
    background: RgbColor,
    foreground: RgbColor,
    palette: Palette,
}

impl Ground {
    fn of(theme: &Theme) -> Self {
        let rgb = |(r, g, b)| RgbColor(r, g, b);
        let is_dark = theme.is_dark().unwrap_or(false);
        let (background, foreground) = match is_dark {
            true => (RgbColor(0x1e, 0x1e, 0x1e), RgbColor(0xf0, 0xf3, 0xf6)),
            false => (RgbColor(0xff, 0xff, 0xff), RgbColor(0x24, 0x29, 0x2f)),
        };
        Ground {
            background: theme.background().map_or(background, rgb),
            foreground: theme.foreground().map_or(foreground, rgb),
            palette: if is_dark { ON_DARK } else { ON_LIGHT },
        }
    }

    fn rgb(&self, colour: Color) -> RgbColor {
        match colour {
            Color::Ansi(colour) => self.palette.get(colour),
            Color::Rgb(colour) => colour,
            Color::Ansi256(colour) => match colour.into_ansi() {
                Some(colour) => self.palette.get(colour),
                None => self.foreground,
            },
        }
    }

    /// The colour, brought nearer to the text's own until it can be read.
    fn legible(&self, colour: RgbColor) -> RgbColor {
        let mix = |from: u8, to: u8, tenths: u16| {
            let mixed = (u16::from(from) * (10 - tenths) + u16::from(to) * tenths) / 10;
            u8::try_from(mixed).unwrap_or(to)
        };
        let to = self.foreground;
        let nearer = (0..=10).map(|tenths| {
            RgbColor(
                mix(colour.0, to.0, tenths),
                mix(colour.1, to.1, tenths),
                mix(colour.2, to.2, tenths),
            )
        });
        let mut nearer = nearer.skip_while(|&mixed| contrast(mixed, self.background) < CONTRAST);
        nearer.next().unwrap_or(to)
    }
}

/// The contrast of two colours, as WCAG defines it: from 1 to 21.
fn contrast(a: RgbColor, b: RgbColor) -> f64 {
    let luminance = |RgbColor(r, g, b): RgbColor| {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.03928 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05
    };
    let (a, b) = (luminance(a), luminance(b));
    a.max(b) / a.min(b)
}

impl Drawing {
    /// A picture of what was painted with escape codes.
    pub fn svg(&self, ansi: &str) -> String {
        let ground = Ground::of(&self.theme);
        let term = Term::new()
            .palette(ground.palette)
            .fg_color(ground.foreground.into())
            .bg_color(ground.background.into())
            // As wide as the text itself.
            .min_width_px(0);
        let lines: Vec<String> = ansi
            .trim_end()
            .lines()
            .map(|line| self.filled(line))
            .collect();
        finished(&term.render_svg(&lines.join("\n")), &ground)
    }

    /// A line that a terminal fills to its end with a background, filled with spaces.
    fn filled(&self, line: &str) -> String {
        const ERASE: &str = "\x1b[K";
        if !line.contains(ERASE) {
            return line.to_owned();
        }
        let width = anstream::adapter::strip_str(line).to_string().width();
        line.replace(ERASE, &" ".repeat(self.columns.saturating_sub(width)))
    }
}

/// The picture with what makes it scale, and with colours that can be read.
fn finished(drawn: &str, ground: &Ground) -> String {
    let (head, rest) = drawn.split_once('\n').unwrap_or((drawn, ""));
    let side = |name: &str| {
        let (_, value) = head.split_once(&format!("{name}=\""))?;
        value.split_once("px\"")?.0.parse::<u32>().ok()
    };
    let (width, height) = (side("width").unwrap_or(0), side("height").unwrap_or(0));
    let (style, text) = rest.split_once("</style>").unwrap_or(("", rest));
    let style: Vec<String> = style
        .lines()
        .map(|line| match theme_colour(line) {
            Some((class, colour)) => format!("{class}{} }}", hex(ground.legible(colour))),
            None => line.to_owned(),
        })
        .collect();
    let style = style
        .join("\n")
        .replace(
            ".dimmed { opacity: 0.4; }",
            &format!(".dimmed {{ opacity: {DIMMED}; }}"),
        )
        .replace(
            "SFMono-Regular, Consolas, Liberation Mono, Menlo, monospace",
            FONTS,
        );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n{style}</style>{}",
        with_grounds(text)
    )
}

/// A piece of a line: its classes and its text.
static PIECE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"<tspan(?: class="([^"]*)")?>([^<]*)</tspan>"#).expect("it is a constant")
});

/// A line with backgrounds stands there twice, first as blocks in the colours of these. One block for each colour will
/// do, as wide as the text is that is read, whatever it takes to escape it.
fn with_grounds(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        // Between the two stands the end of the first.
        let is_ground = line.contains("class=\"bg-");
        let (Some(below), Some((head, _))) = (
            lines.get(at + 2).filter(|_| is_ground),
            line.split_once("><tspan"),
        ) else {
            out.push_str(line);
            continue;
        };
        let mut blocks: Vec<(&str, usize)> = Vec::new();
        for (ground, piece) in PIECE.captures_iter(line).zip(PIECE.captures_iter(below)) {
            let class = ground.get(1).map_or("", |class| class.as_str());
            let width = unescaped(&piece[2]).width();
            match blocks.last_mut() {
                Some((last, wide)) if *last == class => *wide += width,
                _ => blocks.push((class, width)),
            }
        }
        out.push_str(head);
        out.push('>');
        for (class, width) in blocks {
            let written = match class {
                "" => write!(out, "<tspan>{}</tspan>", " ".repeat(width)),
                class => write!(
                    out,
                    "<tspan class=\"{class}\">{}</tspan>",
                    "█".repeat(width)
                ),
            };
            debug_assert!(written.is_ok(), "a text takes all that is written to it");
        }
        out.push('\n');
    }
    out
}

/// What anstyle-svg escapes.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}

/// The rule for text of one of the theme's colours: `.fg-rgb-75715E { fill: #75715E }`.
fn theme_colour(line: &str) -> Option<(&str, RgbColor)> {
    const BEFORE: &str = "{ fill: #";
    line.trim_start().strip_prefix(".fg-rgb-")?;
    let at = line.find(BEFORE)? + BEFORE.len();
    let digits = line.get(at..at + 6)?;
    let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
    Some((&line[..at - 1], RgbColor(part(0)?, part(2)?, part(4)?)))
}

/// Text as HTML, every piece with its own style, so that it needs nothing of the page around it.
pub struct HtmlPaint {
    out: String,
    theme: Theme,
    ground: Ground,
    columns: usize,
    /// Columns of the line that are taken.
    used: usize,
}

impl HtmlPaint {
    /// An empty fragment in a theme's colours, in which tones may have those of another.
    pub fn new(drawing: &Drawing, theme: Theme) -> Self {
        HtmlPaint {
            out: String::new(),
            theme,
            ground: Ground::of(&drawing.theme),
            columns: drawing.columns,
            used: 0,
        }
    }

    /// The whole fragment.
    pub fn finish(self) -> String {
        let Ground {
            background,
            foreground,
            ..
        } = self.ground;
        format!(
            "<pre style=\"margin:0;padding:1em;overflow-x:auto;border-radius:6px;font:14px/1.3 {FONTS};\
             background:{};color:{}\">{}</pre>\n",
            hex(background),
            hex(foreground),
            self.out
        )
    }

    fn css(&self, ansi: anstyle::Style) -> String {
        let effects = ansi.get_effects();
        let legible = |colour| self.ground.legible(self.ground.rgb(colour));
        let mut foreground = ansi.get_fg_color().map(legible);
        let mut background = ansi.get_bg_color().map(|colour| self.ground.rgb(colour));
        if effects.contains(Effects::INVERT) {
            (foreground, background) = (
                Some(background.unwrap_or(self.ground.background)),
                Some(foreground.unwrap_or(self.ground.foreground)),
            );
        }
        let mut css = Vec::new();
        css.extend(foreground.map(|colour| format!("color:{}", hex(colour))));
        // The padding closes the gaps between lines.
        css.extend(background.map(|colour| format!("background:{};padding:.09em 0", hex(colour))));
        for (effect, words) in [
            (Effects::BOLD, "font-weight:bold"),
            (Effects::UNDERLINE, "text-decoration:underline"),
        ] {
            if effects.contains(effect) {
                css.push(words.to_owned());
            }
        }
        if effects.contains(Effects::DIMMED) {
            css.push(format!("opacity:{DIMMED}"));
        }
        css.join(";")
    }
}

impl Paint for HtmlPaint {
    fn text(&mut self, text: &str, style: Style) {
        self.used += text.width();
        let css = self.css(look(&self.theme, style));
        let text = escaped(text);
        let written = match css.is_empty() {
            true => write!(self.out, "{text}"),
            false => write!(self.out, "<span style=\"{css}\">{text}</span>"),
        };
        debug_assert!(written.is_ok(), "a text takes all that is written to it");
    }

    fn newline(&mut self) {
        self.used = 0;
        self.out.push('\n');
    }

    /// A row that ends on a background of its own has it up to the last column.
    fn row(&mut self, row: &Row) {
        let mut last = None;
        for (text, span) in row.pieces() {
            self.text(text, span.style);
            last = Some(span.style.tone.style());
        }
        let is_filled = |style: &Style| look(&self.theme, *style).get_bg_color().is_some();
        if let Some(style) = last.filter(is_filled) {
            let rest = self.columns.saturating_sub(self.used);
            self.text(&" ".repeat(rest), style);
        }
        self.newline();
    }
}

fn hex(RgbColor(r, g, b): RgbColor) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    fn drawing(form: Form, name: &str) -> Drawing {
        let theme = Theme::named(name).unwrap();
        let is_dark = theme.is_dark();
        Drawing {
            form,
            theme: theme.on(is_dark),
            columns: 10,
        }
    }

    /// What the drawing changes in what the crate wrote is there to be changed.
    #[test]
    fn a_picture_scales_and_dimmed_text_can_be_read() {
        let svg = drawing(Form::Svg, "GitHub").svg("\x1b[2mdim\x1b[0m\nsecond");
        assert!(svg.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"71\" height=\"56\" viewBox=\"0 0 71 56\""
        ), "{svg}");
        assert!(svg.contains(".dimmed { opacity: 0.75; }"), "{svg}");
        assert!(svg.contains(FONTS), "{svg}");
        let svg = drawing(Form::Svg, "GitHub").svg("\x1b[38;2;200;200;200mpale\x1b[0m");
        assert!(
            svg.contains(".fg-rgb-C8C8C8 { fill: #") && !svg.contains("fill: #C8C8C8"),
            "{svg}"
        );
    }

    /// A background is as wide as the text on it.
    #[test]
    fn backgrounds_are_as_wide_as_text() {
        let line = "\x1b[48;2;1;2;3m+a <&> b\x1b[0m\x1b[48;2;1;2;3m\x1b[K\x1b[0m";
        let svg = drawing(Form::Svg, "GitHub").svg(line);
        let block = format!(
            "><tspan class=\"bg-rgb-010203\">{}</tspan>\n",
            "█".repeat(10)
        );
        assert!(svg.contains(&block), "{svg}");
        assert_eq!(svg.matches('█').count(), 10, "{svg}");
    }

    #[test]
    fn text_cannot_leave_its_place() {
        let hostile = "</script></text></pre>&\"'";
        let svg = drawing(Form::Svg, "GitHub").svg(hostile);
        assert!(
            !svg.contains("</script>") && svg.matches("</text>").count() == 1,
            "{svg}"
        );
        let mut paint = HtmlPaint::new(&drawing(Form::Html, "GitHub"), Theme::ansi());
        paint.text(hostile, Style::default());
        let html = paint.finish();
        let expected = "&lt;/script&gt;&lt;/text&gt;&lt;/pre&gt;&amp;&quot;&#39;</pre>\n";
        assert!(html.ends_with(expected), "{html}");
    }

    /// More than WCAG asks of text.
    #[test]
    fn colours_can_be_read_on_their_ground() {
        let colours = [
            AnsiColor::Red,
            AnsiColor::Green,
            AnsiColor::Yellow,
            AnsiColor::Magenta,
            AnsiColor::Cyan,
        ];
        for name in ["GitHub", "Monokai Extended"] {
            let ground = Ground::of(&drawing(Form::Svg, name).theme);
            for colour in colours {
                let found = contrast(ground.palette.get(colour), ground.background);
                assert!(found > CONTRAST, "{name}: {colour:?} has {found}");
            }
            for dim in [
                ground.background,
                RgbColor(0x75, 0x71, 0x5e),
                RgbColor(0xd7, 0x5f, 0),
            ] {
                let found = contrast(ground.legible(dim), ground.background);
                assert!(found >= CONTRAST, "{name}: {dim:?} has {found}");
            }
            assert_eq!(ground.legible(ground.foreground), ground.foreground);
        }
    }
}
