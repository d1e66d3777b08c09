//! Blocks of addresses.

use std::{fmt, net::IpAddr};

use super::flaw::Reason;

/// A block of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cidr {
    /// The first address; the bits behind the prefix are zero.
    first: IpAddr,
    prefix: u8,
}

/// Addresses of one block without those of others in it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Block {
    /// The block.
    pub cidr: Cidr,
    /// Smaller blocks inside of it that do not count; sorted.
    pub except: Box<[Cidr]>,
}

impl Cidr {
    /// Makes a block of an address in it and the length of its prefix.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let first = match address {
            IpAddr::V4(address) if prefix <= 32 => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4((address.to_bits() & mask).into())
            }
            IpAddr::V6(address) if prefix <= 128 => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6((address.to_bits() & mask).into())
            }
            IpAddr::V4(_) | IpAddr::V6(_) => return None,
        };
        Some(Self { first, prefix })
    }

    /// Reads a block as the API server does.
    ///
    /// Host bits may be set, as the API server takes them in objects that are stored. What network
    /// plugins read in different ways is refused: leading zeros, which some read as octal, and
    /// addresses of IPv4 in the form of IPv6.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let wrong = || Reason::Cidr(text.into());
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let length: u8 = prefix.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        let leading_zero = |part: &str| part.len() > 1 && part.starts_with('0');
        if address.split('.').any(|part| {
            leading_zero(part) && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        }) && !address.contains(':')
            || leading_zero(prefix)
        {
            return Err(Reason::AmbiguousCidr(text.into()));
        }
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        if matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
            return Err(Reason::AmbiguousCidr(text.into()));
        }
        Self::new(address, length).ok_or_else(wrong)
    }

    /// Returns the first address.
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// Returns the last address.
    pub fn last(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => {
                let host = u32::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4((first.to_bits() | host).into())
            }
            IpAddr::V6(first) => {
                let host = u128::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6((first.to_bits() | host).into())
            }
        }
    }

    /// Returns the address behind the last one; none at the end of all addresses of the family.
    pub fn after(&self) -> Option<IpAddr> {
        match self.last() {
            IpAddr::V4(last) => Some(IpAddr::V4(last.to_bits().checked_add(1)?.into())),
            IpAddr::V6(last) => Some(IpAddr::V6(last.to_bits().checked_add(1)?.into())),
        }
    }

    /// Returns the length of the prefix.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Returns whether an address lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4() && (self.first..=self.last()).contains(&address)
    }

    /// Returns whether another block lies in this one and is smaller.
    pub fn strictly_contains(&self, other: &Self) -> bool {
        self.contains(other.first) && other.prefix > self.prefix
    }

    /// Returns whether both have an address in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.contains(other.first) || other.contains(self.first)
    }
}

impl Block {
    /// Returns whether an address lies in the block and in none of its exceptions.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.cidr.contains(address) && !self.except.iter().any(|except| except.contains(address))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cidr)?;
        for (index, except) in self.except.iter().enumerate() {
            f.write_str(if index == 0 { " except " } else { ", " })?;
            write!(f, "{except}")?;
        }
        Ok(())
    }
}
