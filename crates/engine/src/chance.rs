//! Seeds: every virtual user and every stream of arrivals draws from a generator of its own, so
//! that what one draws does not depend on what others do.

use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator of virtual user `user` in a run with `seed`, or of the `generation`-th user that
/// took its place; there are fewer than 2^31 of those.
pub(crate) fn of_user(seed: u64, user: u32, generation: u32) -> Xoshiro256PlusPlus {
    stream(
        seed,
        (u64::from(generation & (u32::MAX >> 1)) << 32) | u64::from(user),
    )
}

/// The generator of the arrivals of thread group `group` in segment `segment`.
pub(crate) fn of_arrivals(seed: u64, group: usize, segment: u32) -> Xoshiro256PlusPlus {
    // Beyond all numbers of users.
    stream(
        seed,
        (1 << 63) | ((group as u64) << 32) | u64::from(segment),
    )
}

/// The seed of the events that the users of thread group `group` share.
pub(crate) fn seed_of_events(seed: u64, group: usize) -> i64 {
    mixed(seed ^ mixed(!(group as u64))).cast_signed()
}

/// The generator of the order of the data file that was opened as number `list`.
pub(crate) fn of_list(seed: u64, list: usize) -> Xoshiro256PlusPlus {
    // Beyond all numbers of users and thread groups.
    stream(seed, u64::MAX - list as u64)
}

fn stream(seed: u64, stream: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(mixed(seed ^ mixed(stream)))
}

/// All bits of `value` mixed into all bits. Source: the finaliser of SplitMix64 (Steele, Lea and
/// Flood, 2014).
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}
