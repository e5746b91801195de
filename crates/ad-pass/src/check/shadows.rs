//! The shadows of several directions at once, as a derivative takes them.
//!
//! Every direction has an instance of its own. A derivative with a width takes an array of what stands for one
//! parameter in each of them, or a pointer to all of them, one behind the other.

use inkwell::types::BasicTypeEnum;
use trace::MemoryFault;

use super::image::{Buffer, Image, Instance};

/// How a derivative takes the shadows of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// There is one direction, and its shadow is passed as the parameter is.
    One,
    /// An array, whose elements begin so many bytes after each other.
    Array { step: usize },
    /// A pointer to the memory of all directions, one behind the other.
    Stacked,
}

impl Form {
    /// The form of a derivative's parameter of type `shadow`, which follows one of type `primal`. `step` is the size
    /// of an element of an array.
    pub(super) fn of(
        shadow: BasicTypeEnum<'_>,
        primal: BasicTypeEnum<'_>,
        width: usize,
        step: usize,
    ) -> Option<Self> {
        match shadow {
            _ if width == 1 => Some(Form::One),
            BasicTypeEnum::ArrayType(array)
                if array.get_element_type() == primal && array.len() as usize == width =>
            {
                Some(Form::Array { step })
            }
            BasicTypeEnum::PointerType(_) if primal.is_pointer_type() => Some(Form::Stacked),
            _ => None,
        }
    }
}

/// What was gathered for one run.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    arrays: Vec<Buffer>,
    /// Each with the block whose copies, one for each direction, it holds.
    stacks: Vec<(Buffer, usize)>,
}

impl Gathered {
    /// The address of the shadows of one argument. What is behind that address lives as long as `self`.
    pub(super) fn address(
        &mut self,
        form: Form,
        argument: usize,
        image: &Image,
        shadows: &mut [Instance],
    ) -> *mut u8 {
        match form {
            Form::One => shadows[0].address(argument),
            Form::Array { step } => self.array(step, argument, shadows),
            Form::Stacked => match image.behind(argument) {
                Some(block) => self.stack(block, shadows),
                // It leads nowhere in all directions.
                None => shadows[0].address(argument),
            },
        }
    }

    fn array(&mut self, step: usize, argument: usize, shadows: &mut [Instance]) -> *mut u8 {
        let mut all = Buffer::new(step * shadows.len());
        for (nth, shadow) in shadows.iter().enumerate() {
            let one = shadow.bytes(argument);
            all.bytes_mut()[nth * step..nth * step + one.len()].copy_from_slice(one);
        }
        let address = all.bytes_mut().as_mut_ptr();
        self.arrays.push(all);
        address
    }

    fn stack(&mut self, block: usize, shadows: &mut [Instance]) -> *mut u8 {
        let length = shadows[0].bytes(block).len();
        let mut all = Buffer::new(length * shadows.len());
        for (nth, shadow) in shadows.iter().enumerate() {
            let place = nth * length..(nth + 1) * length;
            all.bytes_mut()[place].copy_from_slice(shadow.bytes(block));
        }
        let mut pointer = Buffer::new(8);
        let first = all.bytes().as_ptr() as u64;
        pointer.bytes_mut().copy_from_slice(&first.to_le_bytes());
        self.stacks.push((all, block));
        let address = pointer.bytes_mut().as_mut_ptr();
        self.arrays.push(pointer);
        address
    }

    /// Copies what the derivative has left in the memory of all directions back to each of them.
    pub(super) fn give_back(&self, shadows: &mut [Instance]) {
        for (all, block) in &self.stacks {
            let length = shadows[0].bytes(*block).len();
            for (nth, shadow) in shadows.iter_mut().enumerate() {
                let place = nth * length..(nth + 1) * length;
                shadow.set_bytes(*block, &all.bytes()[place]);
            }
        }
    }

    /// What was written beside the memory of all directions.
    pub(super) fn faults(&self, image: &Image) -> Vec<MemoryFault> {
        let torn = self.stacks.iter().filter(|(all, _)| !all.is_intact());
        torn.map(|(_, block)| MemoryFault::WroteBeside {
            parameter: image.name_of(*block),
            is_shadow: true,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pointer in the first block, which leads to the second one.
    fn pointing() -> Image {
        let mut image = Image::default();
        let (argument, block) = (image.block(8), image.block(2));
        image.point(argument, 0, block);
        image.arguments.push(argument);
        image
    }

    #[test]
    fn memory_of_all_directions_goes_there_and_back() {
        let image = pointing();
        let mut shadows = [Instance::of(&image), Instance::of(&image)];
        shadows[0].set_bytes(1, &[1, 2]);
        shadows[1].set_bytes(1, &[3, 4]);
        let mut gathered = Gathered::default();
        gathered.address(Form::Stacked, 0, &image, &mut shadows);
        assert_eq!(gathered.stacks[0].0.bytes(), [1, 2, 3, 4]);
        gathered.stacks[0].0.bytes_mut()[3] = 9;
        gathered.give_back(&mut shadows);
        assert_eq!(
            (shadows[0].bytes(1), shadows[1].bytes(1)),
            (&[1, 2][..], &[3, 9][..])
        );
        assert_eq!(gathered.faults(&image), []);
    }

    #[test]
    fn an_array_has_an_element_for_each_direction() {
        let image = pointing();
        let mut shadows = [Instance::of(&image), Instance::of(&image)];
        let wanted = shadows.each_ref().map(|shadow| shadow.bytes(0).to_vec());
        let mut gathered = Gathered::default();
        gathered.address(Form::Array { step: 16 }, 0, &image, &mut shadows);
        let all = gathered.arrays[0].bytes();
        assert_eq!((&all[..8], &all[16..24]), (&wanted[0][..], &wanted[1][..]));
        assert_ne!(wanted[0], wanted[1]);
    }
}
