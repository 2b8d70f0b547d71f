use trustformers_core::{Result, Sequences};

/// The cache slot of each beam of a prompt.
#[derive(Debug)]
pub(super) struct Slots {
    all: Vec<usize>,
    of_beams: Vec<usize>,
}

impl Slots {
    /// The slots from `first` on; all beams share the first one until they diverge from the prompt.
    pub fn new(first: usize, num_beams: usize) -> Self {
        Self { all: (first..first + num_beams).collect(), of_beams: vec![first; num_beams] }
    }

    pub fn of_beams(&self) -> &[usize] {
        &self.of_beams
    }

    /// Moves each beam to its parent's cache: the first child takes the parent's slot, the others get a copy.
    pub fn follow(&mut self, parents: &[usize], sequences: &mut dyn Sequences) -> Result<()> {
        let origins: Vec<usize> = parents.iter().map(|&parent| self.of_beams[parent]).collect();
        let mut free: Vec<usize> = self.all.iter().copied().filter(|slot| !origins.contains(slot)).collect();
        for (beam, &origin) in origins.iter().enumerate() {
            let slot = match free.last() {
                Some(&slot) if origins[..beam].contains(&origin) => {
                    sequences.copy(origin, slot)?;
                    free.pop();
                    slot
                }
                _ => origin,
            };
            self.of_beams[beam] = slot;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustformers_core::{Feed, LogitsOf};

    #[derive(Default)]
    struct Copies(Vec<(usize, usize)>);

    impl Sequences for Copies {
        fn vocab_size(&self) -> usize {
            1
        }
        fn max_tokens(&self) -> Option<usize> {
            None
        }
        fn num_slots(&self) -> usize {
            9
        }
        fn len(&self, _slot: usize) -> usize {
            0
        }
        fn read(&mut self, _feeds: &[Feed<'_>], _logits: LogitsOf) -> Result<Vec<f32>> {
            Ok(Vec::new())
        }
        fn copy(&mut self, from: usize, to: usize) -> Result<()> {
            self.0.push((from, to));
            Ok(())
        }
        fn truncate(&mut self, _slot: usize, _len: usize) -> Result<()> {
            Ok(())
        }
    }

    fn follow(slots: &mut Slots, parents: &[usize]) -> Vec<(usize, usize)> {
        let mut copies = Copies::default();
        slots.follow(parents, &mut copies).unwrap();
        copies.0
    }

    #[test]
    fn beams_copy_the_cache_when_they_diverge_from_the_prompt() {
        let mut slots = Slots::new(3, 3);
        assert_eq!(follow(&mut slots, &[0, 2, 0]), [(3, 5), (3, 4)]);
        assert_eq!(slots.of_beams(), [3, 5, 4]);
    }

    #[test]
    fn a_permutation_copies_nothing() {
        let mut slots = Slots::new(0, 4);
        follow(&mut slots, &[0; 4]);
        let before = slots.of_beams().to_vec();
        assert!(follow(&mut slots, &[2, 0, 3, 1]).is_empty());
        assert_eq!(slots.of_beams(), [2, 0, 3, 1].map(|parent| before[parent]));
    }

    #[test]
    fn a_shared_parent_is_copied_into_the_slot_of_a_dropped_beam() {
        let mut slots = Slots::new(0, 3);
        follow(&mut slots, &[0; 3]);
        let before = slots.of_beams().to_vec();
        assert_eq!(follow(&mut slots, &[1, 1, 2]), [(before[1], before[0])]);
        assert_eq!(slots.of_beams(), [before[1], before[0], before[2]]);
    }
}
