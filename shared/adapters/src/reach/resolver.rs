//! Looks names up, and keeps the public addresses alone. The connection goes to one of these, so no later answer of
//! DNS counts.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::public_address::is_public;

#[derive(Debug, Clone, Copy)]
pub(super) struct PublicResolver;

/// A name has addresses, and none that is public.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address")]
pub(super) struct ForbiddenHost(String);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public = public_of(name.as_str(), found)?;
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn public_of(name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, ForbiddenHost> {
    let public: Vec<_> = found.into_iter().filter(|address| is_public(address.ip())).collect();
    if public.is_empty() { Err(ForbiddenHost(name.to_owned())) } else { Ok(public) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_addresses_the_public_ones_are_kept() {
        let [private, public] = ["10.0.0.1:0", "8.8.8.8:0"].map(|text| text.parse().expect("an address"));
        assert_eq!(public_of("a", vec![private, public]).expect("one"), [public]);
        public_of("a", vec![private]).expect_err("none");
    }
}
