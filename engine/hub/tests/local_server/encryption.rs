//! Servers with certificates of a private authority, and proxies.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::{TempDir, tempdir};
use trustformers_core::Result;
use trustformers_hub::{Authorities, Environment, Files, HubOptions, ProxySettings, resolve_in};

use crate::fake_hub::{FakeHub, environment};
use crate::{CONFIG, REPO, message, small_model};

/// A TLS front end of a hub, the file of its certificate authority, and a cache.
struct Company {
    directory: TempDir,
    address: String,
    _hub: FakeHub,
}

impl Company {
    fn start() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let directory = tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        let name = directory.path().to_string_lossy().into_owned();
        authority.distinguished_name.push(DnType::CommonName, name);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        fs::write(directory.path().join("company.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
        let issuer = Issuer::new(authority, key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![server.der().clone()], key).unwrap());

        let hub = small_model();
        let plain = hub.environment(directory.path()).endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, plain) = (config.clone(), plain.clone());
                // A client that does not trust the certificate disconnects.
                thread::spawn(move || relay(stream, config, &plain).ok());
            }
        });
        Self { directory, address, _hub: hub }
    }

    fn file(&self) -> std::path::PathBuf {
        self.directory.path().join("company.pem")
    }

    fn environment(&self, named: &[(&str, &Path)]) -> Environment {
        let mut environment = environment(&self.directory.path().join("cache"), &self.address);
        let named = named.iter().map(|(variable, path)| ((*variable).to_owned(), (*path).to_owned()));
        environment.authorities = Authorities { named: named.collect() };
        environment
    }
}

/// Forwards one decrypted request to the hub and the response back.
fn relay(stream: TcpStream, config: Arc<ServerConfig>, plain: &str) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut encrypted = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        encrypted.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let mut hub = TcpStream::connect(plain)?;
    hub.write_all(&head)?;
    copy(&mut hub, &mut encrypted)?;
    encrypted.conn.send_close_notify();
    encrypted.flush()
}

fn resolve(environment: &Environment) -> Result<Vec<u8>> {
    let found = resolve_in(environment, REPO, &[Files::Config], &HubOptions::default())?;
    Ok(fs::read(found.join("config.json")).unwrap())
}

#[test]
fn an_authority_named_by_a_variable_is_trusted() {
    let company = Company::start();
    let (file, directory) = (company.file(), company.directory.path());
    for (variable, path) in [("SSL_CERT_FILE", file.as_path()), ("SSL_CERT_DIR", directory)] {
        assert_eq!(resolve(&company.environment(&[(variable, path)])).unwrap(), CONFIG, "{variable}");
        fs::remove_dir_all(directory.join("cache")).unwrap();
    }
}

#[test]
fn an_unknown_issuer_is_refused_with_advice() {
    let (company, other) = (Company::start(), Company::start());
    let file = other.file();
    for named in [&[][..], &[("SSL_CERT_FILE", file.as_path())]] {
        let error = message(resolve(&company.environment(named)));
        assert!(error.contains("UnknownIssuer") && error.contains("SSL_CERT_FILE"), "{error}");
    }
}

#[test]
fn a_missing_certificate_file_fails_before_any_request() {
    let company = Company::start();
    let none = company.directory.path().join("none.pem");
    let error = message(resolve(&company.environment(&[("REQUESTS_CA_BUNDLE", &none)])));
    assert!(error.contains("REQUESTS_CA_BUNDLE") && error.contains("none.pem"), "{error}");
}

#[test]
fn requests_go_through_a_proxy_unless_their_host_is_an_exception() {
    let company = Company::start();
    let file = company.file();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || tunnel(stream).ok());
        }
    });
    for (exceptions, is_used) in [("localhost", false), ("example.com", true)] {
        let mut environment = company.environment(&[("SSL_CERT_FILE", &file)]);
        let (variable, exceptions) = ("https_proxy".to_owned(), exceptions.to_owned());
        environment.proxy = Some(ProxySettings { variable, address: address.clone(), exceptions });
        asked.store(0, Ordering::Relaxed);
        assert_eq!(resolve(&environment).unwrap(), CONFIG);
        assert_eq!(asked.load(Ordering::Relaxed) > 0, is_used);
        fs::remove_dir_all(company.directory.path().join("cache")).unwrap();
    }
}

/// Serves `CONNECT host:port` as a proxy does: copies bytes in both directions.
fn tunnel(mut client: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?).lines().map_while(std::result::Result::ok);
    let request = lines.next().unwrap_or_default();
    let target = request.split(' ').nth(1).unwrap_or_default().replace("localhost", "127.0.0.1");
    lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let upward = thread::spawn(move || copy(&mut from_client, &mut to_server));
    copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)?;
    drop(upward.join());
    Ok(())
}
