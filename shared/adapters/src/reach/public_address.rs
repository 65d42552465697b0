//! Which addresses are of the public internet.
//!
//! By the special-purpose registries of IANA (RFC 6890 and its updates), read on the strict side: whatever may lead
//! elsewhere than it says, such as an IPv4 address within an IPv6 one, is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are not public, by first address and length.
const NOT_PUBLIC_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared by carriers
    ([127, 0, 0, 0], 8),     // this machine
    ([169, 254, 0, 0], 16),  // this link, with the metadata of clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocols
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // relays to IPv6
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, and broadcast
];
/// The one block of IPv6 from which public addresses are given out.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// Networks within it that are not public.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address within
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            let is_in = |(network, length): (Ipv6Addr, u32)| {
                (address.to_bits() ^ network.to_bits()) >> (u128::BITS - length) == 0
            };
            is_in(GLOBAL_V6) && !NOT_PUBLIC_V6.into_iter().any(is_in)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_in = |(network, length): ([u8; 4], u32)| {
        (address.to_bits() ^ u32::from_be_bytes(network)) >> (u32::BITS - length) == 0
    };
    !NOT_PUBLIC_V4.into_iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_into_a_network_of_ours_is_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:10.0.0.1",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in
            ["8.8.8.8", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2001:4860:4860::8888", "2a00:1450::1"]
        {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
    }
}
