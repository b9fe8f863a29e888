#include "dnssec/verify.h"

namespace zw {
namespace {

constexpr VerifyRule kRules[] = {
    // The zone, its keys and the anchor.
    {"unsigned-zone", "RFC 4035 §2.2", "nothing at the apex is signed"},
    {"dnskey-missing", "RFC 4035 §2.1", "signatures at the apex, and no keys"},
    {"dnskey-malformed", "RFC 4034 §2.1.4", "a key breaks the format of its algorithm"},
    {"dnskey-too-many", "RFC 4035 §2.1", "more keys than take part"},
    {"anchor-missing", "RFC 4035 §5", "no trust anchor is for the zone"},
    {"anchor-mismatch", "RFC 4035 §5", "no key is named by a trust anchor"},
    {"anchor-revoked", "RFC 5011 §2.1", "the key that the trust anchor names is revoked"},
    {"anchor-signature", "RFC 4035 §5.2", "the key that the trust anchor names does not sign the keys"},
    {"weak-algorithm", "RFC 8624 §3.1", "a key or signature by RSA with SHA-1"},
    {"unsupported-algorithm", "RFC 4035 §5.2",
     "a key or signature by an algorithm that cannot be computed here"},
    // Signatures.
    {"signature-missing", "RFC 4035 §2.2", "no signature covers an RRset that must be signed"},
    {"signature-bogus", "RFC 4035 §5.3.3", "a signature is not over these data"},
    {"signature-expired", "RFC 4035 §5.3.1", "a signature has expired"},
    {"signature-not-yet-valid", "RFC 4035 §5.3.1", "the inception of a signature is still to come"},
    {"signature-period", "RFC 4034 §3.1.5", "a signature expires before its inception"},
    {"signature-signer", "RFC 4035 §5.3.1", "the signer of a signature is not the apex"},
    {"signature-labels", "RFC 4034 §3.1.3", "a signature is for another number of labels"},
    {"signature-key-unknown", "RFC 4035 §5.3.1", "a signature is by a key that is not there"},
    {"signature-key-unusable", "RFC 4035 §5.3.1", "a signature is by a key that is revoked or no zone key"},
    {"signature-too-many", "CVE-2023-50387", "more verifications for one RRset than are tried"},
    {"signature-ttl", "RFC 4034 §3", "the TTL of a signature is not that of its RRset"},
    {"original-ttl", "RFC 4035 §2.2", "the TTL of an RRset is not the one that was signed"},
    {"algorithm-incomplete", "RFC 4035 §2.2", "an algorithm of the keys does not sign all RRsets"},
    {"signature-over-delegation", "RFC 4035 §2.2", "a signature over the NS RRset of a delegation"},
    {"signature-over-glue", "RFC 4035 §2.2", "a signature over data below a cut"},
    {"signature-over-signature", "RFC 4035 §2.2", "a signature over signatures"},
    {"rrsig-without-rrset", "RFC 4035 §2.2", "a signature over an RRset that is not there"},
    {"malformed-record", "RFC 4034", "the RDATA of an RRSIG or NSEC breaks its format"},
    // Denial of existence.
    {"denial-missing", "RFC 4035 §2.3", "neither NSEC nor NSEC3 records"},
    {"denial-ttl", "RFC 9077 §3", "the TTL of a denial record is not the lesser of the SOA's two"},
    {"nsec-missing", "RFC 4035 §2.3", "a name without NSEC record"},
    {"nsec-multiple", "RFC 4034 §4", "several NSEC records at one name"},
    {"nsec-next", "RFC 4034 §4.1.1", "an NSEC record names another name than the next"},
    {"nsec-bitmap", "RFC 4034 §4.1.2", "an NSEC record lists other types than there are"},
    {"nsec-stray", "RFC 4035 §2.3", "an NSEC record where there must be none"},
    {"nsec3param-missing", "RFC 5155 §7.1", "NSEC3 records without NSEC3PARAM"},
    {"nsec3param-flags", "RFC 5155 §4.1.2", "an NSEC3PARAM record with flags"},
    {"nsec3param-too-many", "RFC 5155 §7.1", "more chains than are followed"},
    {"nsec3-chain-missing", "RFC 5155 §7.1", "an NSEC3PARAM record without NSEC3 records"},
    {"nsec3-unknown-hash", "RFC 5155 §11", "a hash algorithm that is not known"},
    {"nsec3-iterations", "RFC 9276 §3.1", "additional iterations"},
    {"nsec3-iterations-limit", "RFC 9276 §3.2", "more additional iterations than are followed"},
    {"nsec3-owner", "RFC 5155 §3", "the owner of an NSEC3 record is no hash below the apex"},
    {"nsec3-parameters", "RFC 5155 §7.1", "an NSEC3 record of a chain that NSEC3PARAM does not tell"},
    {"nsec3-multiple", "RFC 5155 §7.1", "several NSEC3 records of one chain at one hash"},
    {"nsec3-flags", "RFC 5155 §8.2", "an NSEC3 record with unknown flags"},
    {"nsec3-hash-length", "RFC 5155 §3.1.6", "an NSEC3 record with a next hash of another length"},
    {"nsec3-missing", "RFC 5155 §7.1", "a name without NSEC3 record"},
    {"nsec3-next", "RFC 5155 §7.1", "an NSEC3 record has another hash than the next"},
    {"nsec3-bitmap", "RFC 5155 §7.1", "an NSEC3 record lists other types than there are"},
    {"nsec3-stray", "RFC 5155 §7.1", "an NSEC3 record that no name hashes to"},
    // The digest.
    {"zonemd-mismatch", "RFC 8976 §4", "the digest of the zone is another one"},
    {"zonemd-serial", "RFC 8976 §4", "the digest is for another serial"},
    {"zonemd-malformed", "RFC 8976 §2.2.4", "the digest is too short to count"},
    {"zonemd-duplicate", "RFC 8976 §4", "several digests of one scheme and hash"},
    {"zonemd-unsupported", "RFC 8976 §4", "only digests that cannot be computed here"},
    {"zonemd-absent", "RFC 8976 §4", "no digest, and one is required"},
    {"zonemd-stripped", "RFC 8976 §4", "no digest, and the denial record of the apex says that there is one"},
    {"more-faults", "", "more kinds of fault than are told one by one"},
};

}  // namespace

std::span<const VerifyRule> verify_rules() { return kRules; }

}  // namespace zw
