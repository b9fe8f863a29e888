// Contexts to sign or verify a digest with; for the sources of this room only.
#pragma once

#include "crypto/algorithm_facts.h"
#include "crypto/handles.h"

namespace zw {

enum class SignatureUse { sign, verify };

/// A context for RSA or ECDSA over digests of `facts`; null if libcrypto, or the machine's policy for it,
/// does not allow the combination.
KeyContext make_signature_context(const AlgorithmFacts& facts, evp_pkey_st* key, SignatureUse use);

}  // namespace zw
