/// Percent-encodes `text` except letters, digits, `-_.~` and the characters of `unescaped`.
pub(crate) fn escaped(text: &str, unescaped: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c) || unescaped.contains(c);
    let mut escaped = String::new();
    for c in text.chars() {
        match is_kept(c) {
            true => escaped.push(c),
            false => escaped.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|b| format!("%{b:02X}"))),
        }
    }
    escaped
}

/// Scheme, host and port of a URL.
pub(crate) fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |position| position + 3);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |position| authority + position);
    &url[..end]
}

/// Target URL of a redirect; `None` if it would downgrade https to http or has another scheme.
pub(crate) fn redirected(url: &str, location: &str) -> Option<String> {
    let target = if location.starts_with("//") {
        format!("{}:{location}", url.split("://").next()?)
    } else if location.starts_with('/') {
        format!("{}{location}", origin(url))
    } else {
        location.to_owned()
    };
    let is_encrypted = target.starts_with("https://");
    (is_encrypted || target.starts_with("http://") && !url.starts_with("https://")).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_escaped_in_urls() {
        assert_eq!(escaped("refs/pr/1", ""), "refs%2Fpr%2F1");
        assert_eq!(escaped("1 é/a?b#c%.json", "/"), "1%20%C3%A9/a%3Fb%23c%25.json");
    }

    #[test]
    fn redirects_keep_https_and_show_a_change_of_host() {
        let url = "https://hub.co/a?x=/";
        assert_eq!(redirected(url, "/b").as_deref(), Some("https://hub.co/b"));
        assert_eq!(redirected(url, "//cdn.co/b").as_deref(), Some("https://cdn.co/b"));
        assert_eq!(redirected(url, "http://cdn.co/b"), None);
        assert_eq!(redirected(url, "file:///etc/passwd"), None);
        assert_ne!(origin("https://hub.co@evil.co/b"), origin(url));
        assert_ne!(origin("https://hub.co:444"), origin(url));
        assert_ne!(origin("http://hub.co/"), origin(url));
        assert_eq!(origin("https://hub.co?b"), origin(url));
    }
}
