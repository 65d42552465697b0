#!/usr/bin/env perl
# Is a webhook from Carillon? Perl 5, with core modules alone.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(decode_base64 encode_base64);

# `secret` is whsec_…, `body` the bytes as they came. False: answer 401.
sub verify {
    my ($secret, $headers, $body, $now) = @_;
    my ($id, $timestamp) = @{$headers}{qw(webhook-id webhook-timestamp)};
    return 0 if abs(($now // time) - $timestamp) > 300;    # an old one that somebody sends again
    my $key = decode_base64($secret =~ s/^whsec_//r);
    my $own = "v1," . encode_base64(hmac_sha256("$id.$timestamp.$body", $key), "");
    my $fits = 0;
    # Several while a secret is replaced: one that fits is enough. Compared to the end, so that time tells nothing.
    for my $given (split / /, $headers->{"webhook-signature"}) {
        next if length $given != length $own;
        my $difference = 0;
        $difference |= ord(substr $given, $_, 1) ^ ord(substr $own, $_, 1) for 0 .. length($own) - 1;
        $fits ||= $difference == 0;
    }
    return $fits;
}

unless (caller) {    # secret id timestamp signatures now < body
    my ($secret, $id, $timestamp, $signatures, $now) = @ARGV;
    binmode STDIN;
    my $body = do { local $/; <STDIN> };
    my %headers = ("webhook-id" => $id, "webhook-timestamp" => $timestamp, "webhook-signature" => $signatures);
    exit(verify($secret, \%headers, $body, $now) ? 0 : 1);
}
