//! The local time, formatted as `datetime.now().strftime` does on Linux in the C locale.

use chrono::{DateTime, Datelike, Local, Timelike};

use super::context::Context;
use super::exception::Exception;
use super::value::Result;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn now(cx: &Context, format: &str) -> Result<String> {
    let now = Local::now();
    cx.charge_text(format.len() * 16)?;
    formatted(&now, format)
}

fn formatted(now: &DateTime<Local>, format: &str) -> Result<String> {
    let mut text = String::new();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        text.push_str(&rest[..start]);
        let directive = &rest[start + 1..];
        let flags = &directive[..directive.len() - directive.trim_start_matches(['-', '_', '0', '^', '#']).len()];
        let Some(letter) = directive[flags.len()..].chars().next() else {
            text.push_str(&rest[start..]);
            return Ok(text);
        };
        if letter.is_ascii_digit() || matches!(letter, 'E' | 'O' | '+') {
            return Err(Exception::unsupported(&format!("strftime_now with %{flags}{letter}")));
        }
        match value(now, letter)? {
            Some((found, width, padding)) => text.push_str(&padded(&found, width, padding, flags)),
            None => text.push_str(&format!("%{flags}{letter}")),
        }
        rest = &directive[flags.len() + letter.len_utf8()..];
    }
    text.push_str(rest);
    Ok(text)
}

fn padded(found: &str, width: usize, padding: char, flags: &str) -> String {
    let mut padding = Some(padding);
    let mut found = found.to_owned();
    for flag in flags.chars() {
        match flag {
            '-' => padding = None,
            '_' => padding = Some(' '),
            '0' => padding = Some('0'),
            // `#` swaps the case: names in mixed case become uppercase, AM and PM become lowercase.
            '#' if found == "AM" || found == "PM" => found = found.to_lowercase(),
            _ => found = found.to_uppercase(),
        }
    }
    let missing = padding.map_or(0, |_| width.saturating_sub(found.len()));
    padding.into_iter().cycle().take(missing).chain(found.chars()).collect()
}

/// A directive's text with its default width and padding; `None` for an unknown directive.
fn value(now: &DateTime<Local>, letter: char) -> Result<Option<(String, usize, char)>> {
    let number = |value: u32| Some((value.to_string(), 2, '0'));
    let plain = |text: String| Some((text, 0, '0'));
    let weekday = now.weekday();
    let day = DAYS[weekday.num_days_from_monday() as usize];
    let month = MONTHS[now.month0() as usize];
    let hour = match now.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let combined = |format: &str| formatted(now, format).map(plain);
    let week = |first: u32| (now.ordinal0() + 7 - (weekday.num_days_from_sunday() + 7 - first) % 7) / 7;
    Ok(match letter {
        'a' => plain(day[..3].to_owned()),
        'A' => plain(day.to_owned()),
        'b' | 'h' => plain(month[..3].to_owned()),
        'B' => plain(month.to_owned()),
        'c' => return combined("%a %b %e %H:%M:%S %Y"),
        'C' => number((now.year() / 100) as u32),
        'd' => number(now.day()),
        'D' | 'x' => return combined("%m/%d/%y"),
        'e' => Some((now.day().to_string(), 2, ' ')),
        'f' => Some((format!("{:06}", now.nanosecond() % 1_000_000_000 / 1000), 0, '0')),
        'F' => return combined("%Y-%m-%d"),
        'g' => number((now.iso_week().year() % 100) as u32),
        'G' => plain(now.iso_week().year().to_string()),
        'H' => number(now.hour()),
        'I' => number(hour),
        'j' => Some((now.ordinal().to_string(), 3, '0')),
        'k' => Some((now.hour().to_string(), 2, ' ')),
        'l' => Some((hour.to_string(), 2, ' ')),
        'm' => number(now.month()),
        'M' => number(now.minute()),
        'n' => plain("\n".to_owned()),
        'p' => plain(if now.hour() < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => plain(if now.hour() < 12 { "am" } else { "pm" }.to_owned()),
        'r' => return combined("%I:%M:%S %p"),
        'R' => return combined("%H:%M"),
        's' => plain(now.timestamp().to_string()),
        'S' => number(now.second()),
        't' => plain("\t".to_owned()),
        'T' | 'X' => return combined("%H:%M:%S"),
        'u' => plain(weekday.number_from_monday().to_string()),
        'U' => number(week(0)),
        'V' => number(now.iso_week().week()),
        'w' => plain(weekday.num_days_from_sunday().to_string()),
        'W' => number(week(1)),
        'y' => number((now.year() % 100) as u32),
        'Y' => plain(now.year().to_string()),
        // The time has no time zone.
        'z' | 'Z' => plain(String::new()),
        '%' => plain("%".to_owned()),
        _ => None,
    })
}
