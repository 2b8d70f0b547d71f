//! Interleaved measurements of contenders.

/// A contender's name and one round of it, which returns what it measured.
pub(crate) type Contender<'a, const N: usize> = (&'a str, Box<dyn FnMut() -> [f64; N] + 'a>);

/// Runs the contenders in turns and prints the median of each column of what they measured.
///
/// `ratio` is the median, over rounds, of a contender's first column divided by the first contender's.
pub(crate) fn compare<const N: usize>(
    title: &str,
    columns: [&str; N],
    rounds: usize,
    mut contenders: Vec<Contender<'_, N>>,
) {
    let mut measured = vec![Vec::with_capacity(rounds); contenders.len()];
    for _ in 0..rounds {
        for ((_, round), measured) in contenders.iter_mut().zip(&mut measured) {
            measured.push(round());
        }
    }
    print!("{title:<40}");
    columns.iter().for_each(|column| print!("{column:>15}"));
    println!("{:>9}", "ratio");
    for ((name, _), rows) in contenders.iter().zip(&measured) {
        print!("  {name:<38}");
        (0..N).for_each(|column| print!("{:>15.2}", median(rows.iter().map(|row| row[column]))));
        println!("{:>9.2}", median(rows.iter().zip(&measured[0]).map(|(row, first)| row[0] / first[0])));
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    quantile(&mut values.collect::<Vec<_>>(), 0.5)
}

pub(crate) fn quantile(values: &mut [f64], quantile: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(quantile * values.len() as f64) as usize]
}
