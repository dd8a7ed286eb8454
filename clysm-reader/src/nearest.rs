//! Names similar to a misspelt one, for hints.

/// How many names a hint offers.
const OFFERED: usize = 3;

/// The candidates most similar to `name`, letter case aside, the most similar first; none that differs in more than about a
/// third of its characters.
///
/// ```
/// let candidates = ["MAPCAR", "MAPCAN", "REDUCE"].into_iter();
/// assert_eq!(clysm_reader::nearest("MAPCR", candidates), ["MAPCAR", "MAPCAN"]);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = name.to_uppercase().chars().collect();
    let limit = 1 + wanted.len() / 3;
    let mut ranked: Vec<(usize, &str)> = candidates
        .filter_map(|candidate| Some((distance(&wanted, &candidate.to_uppercase(), limit)?, candidate)))
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(OFFERED).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// The number of insertions, deletions and replacements between two names, if it is within the limit.
fn distance(wanted: &[char], candidate: &str, limit: usize) -> Option<usize> {
    let length = candidate.chars().count();
    if length.abs_diff(wanted.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (index, character) in candidate.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in wanted.iter().enumerate() {
            let replaced = diagonal + usize::from(*other != character);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}
