// SPDX-License-Identifier: ISC
/* world/openssl_identity - a key and its self-signed certificate, for tests alone
 *
 * P-256, mail.example.test, valid from 2020 to 2040.
 */
#ifndef WORLD_OPENSSL_IDENTITY_H
#define WORLD_OPENSSL_IDENTITY_H

static const char openssl_identity_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfxs1Ixava7jJLTqv\n"
    "5rkt8YfoWeLmhPw+sOKFYmFCQBChRANCAATbgjBqo9+GJ9dmWJEQ3LRjdy670obz\n"
    "Yz/6xhcL+ey326cetfRdJoAHqSFhXg2Fsa8BfpP6EBFaix3izZakmK7Q\n"
    "-----END PRIVATE KEY-----\n";

static const char openssl_identity_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBVzCB/qADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEW1haWwuZXhh\n"
    "bXBsZS50ZXN0MB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEwMTAwMDAwMFowHDEaMBgG\n"
    "A1UEAwwRbWFpbC5leGFtcGxlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AATbgjBqo9+GJ9dmWJEQ3LRjdy670obzYz/6xhcL+ey326cetfRdJoAHqSFhXg2F\n"
    "sa8BfpP6EBFaix3izZakmK7QozEwLzAcBgNVHREEFTATghFtYWlsLmV4YW1wbGUu\n"
    "dGVzdDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQC4RONrktAf\n"
    "a5pWZoZAPD21TyDFleKH92TbtGGDnoqRbgIgeUzTw+46mEJTVhn4DQzUCOZl0xQa\n"
    "DG+L4ot7xqhh7sY=\n"
    "-----END CERTIFICATE-----\n";

#endif
