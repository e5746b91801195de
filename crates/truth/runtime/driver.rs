// What stands between the program that loads the driver of a batch, which has all numbers as f64, and the
// functions of the batch. One wrapper a function follows below.

/// A parameter of the reference: its numbers, and its integer.
#[repr(C)]
pub struct Given {
    numbers: *mut R,
    len: usize,
    integer: usize,
}

/// A parameter of a derivative: its numbers and those of its shadow, and its integer.
#[repr(C)]
pub struct Argument {
    numbers: *mut f64,
    shadow: *mut f64,
    len: usize,
    integer: usize,
}

const FENCE: usize = 8;
const MARK: f64 = 12345.678;

/// Memory for numbers, with marks on both sides that nobody may touch.
struct Buffer<T> {
    cells: Vec<T>,
    len: usize,
}

trait Cell: Copy + PartialEq {
    fn make(value: f64) -> Self;
    fn plain(self) -> f64;
}

impl Cell for f64 {
    fn make(value: f64) -> f64 {
        value
    }
    fn plain(self) -> f64 {
        self
    }
}

impl Cell for f32 {
    fn make(value: f64) -> f32 {
        value as f32
    }
    fn plain(self) -> f64 {
        self.into()
    }
}

impl<T: Cell> Buffer<T> {
    unsafe fn new(from: *const f64, len: usize) -> Buffer<T> {
        let mut cells = vec![T::make(MARK); len + 2 * FENCE];
        for at in 0..len {
            cells[FENCE + at] = T::make(unsafe { *from.add(at) });
        }
        Buffer { cells, len }
    }

    fn start(&mut self) -> *mut T {
        self.cells[FENCE..].as_mut_ptr()
    }

    /// Copies the numbers back. Whether nothing beside them was written.
    unsafe fn back(&self, to: *mut f64) -> bool {
        for at in 0..self.len {
            unsafe { *to.add(at) = self.cells[FENCE + at].plain() };
        }
        let is_mark = |cell: &T| *cell == T::make(MARK);
        self.cells[..FENCE].iter().all(is_mark) && self.cells[FENCE + self.len..].iter().all(is_mark)
    }
}
