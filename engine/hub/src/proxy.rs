use trustformers_core::{Error, Result};
use ureq::Proxy;
use ureq::http::Uri;

/// An HTTP proxy and the hosts that bypass it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxySettings {
    /// Environment variable that sets the proxy; errors show it instead of the address, which may hold a password.
    pub variable: String,
    /// URL of the proxy.
    pub address: String,
    /// Value of `no_proxy`.
    pub exceptions: String,
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ProxySettings").field("variable", &self.variable).finish_non_exhaustive()
    }
}

impl ProxySettings {
    /// Reads the proxy variables for the endpoint's scheme, lowercase names first.
    ///
    /// **Source:** `getproxies_environment` of Python's `urllib.request`.
    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>, endpoint: &str) -> Option<Self> {
        let scheme = if endpoint.starts_with("https:") { "https" } else { "http" };
        let names = [format!("{scheme}_proxy"), "all_proxy".to_owned()];
        let names = names.into_iter().flat_map(|name| [name.clone(), name.to_uppercase()]);
        let (name, address) = names.into_iter().find_map(|name| Some((name.clone(), variable(&name)?)))?;
        let exceptions = variable("no_proxy").or_else(|| variable("NO_PROXY")).unwrap_or_default();
        Some(Self { variable: name, address, exceptions })
    }

    /// The proxy for ureq.
    ///
    /// **Errors:** `Hub` naming the variable if its value is not a URL.
    pub(crate) fn proxy(&self) -> Result<Proxy> {
        let refused = || Error::hub(format!("{} is not a valid proxy URL", self.variable));
        let stated = Proxy::new(&self.address).map_err(|_| refused())?;
        let mut builder = Proxy::builder(stated.protocol()).host(stated.host()).port(stated.port());
        if let Some(name) = stated.username() {
            builder = builder.username(name);
        }
        if let Some(password) = stated.password() {
            builder = builder.password(password);
        }
        for entry in self.exceptions.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry == "*" {
                builder = builder.no_proxy("*");
                continue;
            }
            // A port and a leading dot have no effect: a name matches itself and all its subdomains.
            let host = entry.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
            let host = host.unwrap_or_else(|| entry.to_owned());
            let host = host.trim_start_matches('*').trim_start_matches('.');
            builder = builder.no_proxy(host).no_proxy(&format!(".{host}"));
        }
        builder.build().map_err(|_| refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], endpoint: &str) -> Option<ProxySettings> {
        let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        ProxySettings::from_variables(value, endpoint)
    }

    #[test]
    fn the_scheme_of_the_endpoint_selects_the_variable() {
        let all = [
            ("https_proxy", "http://1:1"),
            ("HTTPS_PROXY", "http://2:2"),
            ("all_proxy", "http://3:3"),
            ("ALL_PROXY", "http://4:4"),
        ];
        for (index, (name, _)) in all.iter().enumerate() {
            assert_eq!(settings(&all[index..], "https://hub").unwrap().variable, *name);
        }
        assert_eq!(settings(&[("HTTP_PROXY", "http://1:1")], "https://hub"), None);
        assert_eq!(settings(&[("HTTP_PROXY", "http://1:1")], "http://hub").unwrap().variable, "HTTP_PROXY");
    }

    #[test]
    fn exceptions_match_hosts_and_their_subdomains() {
        let proxy = |exceptions: &str| {
            let variables = [("https_proxy", "user:secret@proxy.local:3128"), ("NO_PROXY", exceptions)];
            settings(&variables, "https://hub").unwrap().proxy().unwrap()
        };
        let bypasses = |exceptions: &str, host: &str| proxy(exceptions).is_no_proxy(&host.parse().unwrap());
        for exceptions in ["example.com", " x.org , .example.com", "*.example.com", "example.com:443"] {
            assert!(bypasses(exceptions, "https://example.com/a"), "{exceptions}");
            assert!(bypasses(exceptions, "https://hub.Example.com"), "{exceptions}");
            assert!(!bypasses(exceptions, "https://notexample.com"), "{exceptions}");
        }
        assert!(bypasses("*", "https://example.com") && bypasses("127.0.0.1,localhost", "http://127.0.0.1:80"));
        assert!(!bypasses("", "https://example.com"));
        let proxy = proxy("");
        assert_eq!((proxy.host(), proxy.port(), proxy.password()), ("proxy.local", 3128, Some("secret")));
    }

    #[test]
    fn an_invalid_proxy_error_names_the_variable_without_its_value() {
        let wrong = settings(&[("https_proxy", "gopher://user:secret@x")], "https://hub").unwrap();
        let error = wrong.proxy().map(drop).unwrap_err().to_string();
        assert!(error.contains("https_proxy") && !error.contains("secret"), "{error}");
        assert!(!format!("{wrong:?}").contains("secret"));
    }
}
