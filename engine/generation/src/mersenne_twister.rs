/// The 32-bit Mersenne Twister of torch's CPU generator.
///
/// **Source:** `at::mt19937` of torch 2.15; Matsumoto and Nishimura, "Mersenne Twister" (1998).
#[derive(Clone, Debug)]
pub(crate) struct MersenneTwister {
    state: [u32; SIZE],
    next: usize,
}

const SIZE: usize = 624;
const SHIFT: usize = 397;

impl MersenneTwister {
    /// The generator after `manual_seed`, which uses the low half of the seed.
    pub fn new(seed: u64) -> Self {
        let mut state = [seed as u32; SIZE];
        for index in 1..SIZE {
            let last = state[index - 1];
            state[index] = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(index as u32);
        }
        Self { state, next: SIZE }
    }

    /// The next random number.
    pub fn random(&mut self) -> u32 {
        if self.next == SIZE {
            self.refill();
        }
        let mut value = self.state[self.next];
        self.next += 1;
        value ^= value >> 11;
        value ^= (value << 7) & 0x9D2C_5680;
        value ^= (value << 15) & 0xEFC6_0000;
        value ^ (value >> 18)
    }

    /// The first `count` elements of a permutation of `0..len`, as `torch.randperm` draws it.
    pub fn permutation(&mut self, len: usize, count: usize) -> Vec<usize> {
        let mut permuted: Vec<usize> = (0..len).collect();
        for index in 0..count.min(len.saturating_sub(1)) {
            let other = index + self.random() as usize % (len - index);
            permuted.swap(index, other);
        }
        permuted.truncate(count);
        permuted
    }

    fn refill(&mut self) {
        for index in 0..SIZE {
            let mixed = (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % SIZE] & 0x7FFF_FFFF);
            let twist = if mixed & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[index] = self.state[(index + SHIFT) % SIZE] ^ (mixed >> 1) ^ twist;
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // The 1st and the 10000th output for the default seed, as the C++ standard requires of std::mt19937.
        let mut twister = MersenneTwister::new(5489);
        assert_eq!(twister.random(), 3_499_211_612);
        assert_eq!((0..9999).map(|_| twister.random()).last(), Some(4_123_659_995));
    }

    #[test]
    fn a_permutation_is_that_of_torch() {
        // torch.randperm(10, generator=torch.Generator().manual_seed(3)), torch 2.15.0
        assert_eq!(MersenneTwister::new(3).permutation(10, 10), PERMUTATION);
        assert_eq!(MersenneTwister::new(3).permutation(10, 4), PERMUTATION[..4]);
    }

    const PERMUTATION: [usize; 10] = [6, 0, 3, 7, 8, 5, 1, 9, 2, 4];
}
