//! The order that names give: numbers by their value, words by their letters, whatever stands beside them.

use std::cmp::Ordering;

/// Compares two paths as a person would sort them: `2-b` before `10-a`, `第二章` before `第十章`, case aside.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (pieces(a), pieces(b));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match x.cmp(&y) {
                Ordering::Equal => {}
                other => return other,
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Folder,
    Number(u64),
    Letter(char),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let number = rest[..digits].parse().unwrap_or(u64::MAX);
            rest = &rest[digits..];
            return Some(Piece::Number(number));
        }
        if let Some((number, length)) = han_number(rest) {
            rest = &rest[length..];
            return Some(Piece::Number(number));
        }
        rest = &rest[first.len_utf8()..];
        Some(match first {
            '/' => Piece::Folder,
            '-' | '_' | '.' => Piece::Letter(' '),
            c => Piece::Letter(c.to_lowercase().next().unwrap_or(c)),
        })
    })
}

/// A number of one to ninety-nine in Chinese, and how many bytes it takes.
fn han_number(text: &str) -> Option<(u64, usize)> {
    const DIGITS: &str = "零一二三四五六七八九";
    let chars: Vec<char> = text.chars().take(3).collect();
    let digit = |c: Option<&char>| DIGITS.chars().position(|d| Some(&d) == c).map(|n| n as u64);
    let bytes = |n: usize| chars[..n].iter().map(|c| c.len_utf8()).sum();
    match (digit(chars.first()), chars.first()?, chars.get(1)) {
        (Some(tens), _, Some('十')) => match digit(chars.get(2)) {
            Some(ones) => Some((tens * 10 + ones, bytes(3))),
            None => Some((tens * 10, bytes(2))),
        },
        (None, '十', next) => match digit(next) {
            Some(ones) => Some((10 + ones, bytes(2))),
            None => Some((10, bytes(1))),
        },
        (Some(ones), _, _) => Some((ones, bytes(1))),
        _ => None,
    }
}

/// Places for names that begin with a number.
const NUMBERED: u32 = 7_000;
/// Places for each three letters with which a name may begin.
const EACH: u32 = 45;
const LETTERS: u32 = 27;

/// A place among siblings by the name alone, so that a new sibling moves nobody: names with a number in front by it, then by their
/// letters and the number behind them, then names of other scripts. It is below the place of what has none, and roughly sorted only:
/// those of one place stand as they came in.
pub fn place(name: &str) -> u32 {
    let name = name.to_lowercase();
    let pieces: Vec<Piece> = pieces(&name).collect();
    let small = |n: &u64| u32::try_from(*n).unwrap_or(u32::MAX);
    match pieces.first() {
        Some(Piece::Number(n)) => small(n).min(NUMBERED - 1),
        Some(Piece::Letter(c)) if !c.is_ascii() => {
            NUMBERED + LETTERS.pow(3) * EACH + (*c as u32).min(0x9fff) * 2
        }
        _ => {
            let letters = pieces.iter().map(|p| match p {
                Piece::Letter(c) if c.is_ascii_lowercase() => u32::from(*c as u8 - b'a') + 1,
                _ => 0,
            });
            let code = letters.chain(std::iter::repeat(0)).take(3);
            let code = code.fold(0, |code, letter| code * LETTERS + letter);
            let number = pieces.iter().find_map(|p| match p {
                Piece::Number(n) => Some(small(n).saturating_add(1).min(EACH - 1)),
                _ => None,
            });
            NUMBERED + code * EACH + number.unwrap_or(0)
        }
    }
}

/// Weights as places: whole ones as they are, and where one is negative or a fraction, all by their rank.
pub fn ranks(weights: &[f64]) -> Vec<u32> {
    let whole = |w: &f64| *w >= 0.0 && w.fract() == 0.0 && *w < f64::from(u32::MAX);
    if weights.iter().all(whole) {
        return weights.iter().map(|w| *w as u32).collect();
    }
    let mut sorted = weights.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let rank = |w: &f64| {
        sorted
            .iter()
            .position(|s| s.total_cmp(w).is_eq())
            .unwrap_or(0) as u32
    };
    weights.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SORTED: [&[&str]; 5] = [
        &[
            "01-step", "2-step", "10-step", "intro", "step-1", "step-2", "step-10", "zeta",
        ],
        &["第一章", "第二章", "第十章", "第十一章", "第二十章"],
        &["1 - a", "2 - b", "20 - c", "100 - d"],
        &["a", "alpha", "beta", "Gamma", "帮助"],
        &["chapter 1", "chapter 9", "chapter 10", "chapter 11"],
    ];

    #[test]
    fn names_are_sorted_as_people_sort_them() {
        for sorted in SORTED {
            for pair in sorted.windows(2) {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert!(place(pair[0]) <= place(pair[1]), "{pair:?}");
            }
        }
        assert!(place("10-step") > place("2-step") && place("step-10") > place("step-2"));
        assert!(place("zzz 99999") < place("帮助") && place("\u{3ffff}9") < 1_000_000);
    }

    #[test]
    fn weights_that_are_no_places_are_ranked() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0]), [3, 1, 3]);
        assert_eq!(ranks(&[1.5, -1.0, 2.0]), [1, 0, 2]);
    }
}
