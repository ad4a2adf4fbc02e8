//! How long a name must wait after wrong passwords. Pure: counts and seconds in, seconds out.

/// Wrong passwords that cost nothing: fingers slip.
const FREE: i64 = 5;
/// After so many on one day the name rests until the day is over (safety.md T18).
const MOST_A_DAY: i64 = 20;
pub const DAY: i64 = 24 * 3600;
const LONGEST_PAUSE: i64 = 900;

/// Seconds to wait before the next try, given the failures so far, the seconds since the first and
/// since the last of them. From the fifth failure on the pause doubles.
pub fn wait(failed: i64, since_first: i64, since_last: i64) -> i64 {
    if failed < FREE {
        return 0;
    }
    if failed >= MOST_A_DAY {
        return (DAY - since_first).max(0);
    }
    let pause = 1_i64 << (failed - FREE + 1).clamp(1, 10);
    (pause.min(LONGEST_PAUSE) - since_last).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_five_are_free_and_the_pause_doubles_to_a_quarter_of_an_hour() {
        assert_eq!(wait(4, 10, 0), 0);
        assert_eq!(wait(5, 10, 0), 2);
        assert_eq!(wait(6, 10, 0), 4);
        assert_eq!(wait(6, 10, 3), 1);
        assert_eq!(wait(19, 10, 0), LONGEST_PAUSE);
    }

    #[test]
    fn nobody_gets_more_than_twenty_guesses_a_day() {
        let (mut now, mut first, mut last, mut failed, mut tried) = (0, 0, 0, 0, 0);
        while now < DAY {
            if wait(failed, now - first, now - last) == 0 {
                first = if failed == 0 { now } else { first };
                (failed, last, tried) = (failed + 1, now, tried + 1);
            }
            now += 1;
        }
        assert!(tried <= 20, "{tried}");
    }
}
