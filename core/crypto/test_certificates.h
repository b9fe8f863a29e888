// Certificates for the tests of TLS: two authorities and what they vouch for, valid to 2126. For tests only:
// the keys are known to everybody.
#pragma once

namespace zw::test {

inline constexpr char kAuthorityCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPjCB5aADAgECAhQd+tAiuSadgHSp+y4ENNHsy1Q1bTAKBggqhkjOPQQDAjAU\n"
    "MRIwEAYDVQQDDAlhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyNjAxMDEw\n"
    "MDAwMDBaMBQxEjAQBgNVBAMMCWF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49\n"
    "AwEHA0IABEYPifW58rcmRJvLcpWr+61lejNQrr0LP3dpAHduwJhJLaL/VOAyz2xh\n"
    "sVi9i2QDhh0Y1RmUmL36hd9sSCrcDLmjEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYI\n"
    "KoZIzj0EAwIDSAAwRQIgAxlLIkhaAICWWqa4IWRgn9k5JL4joRiUV5r1g6+zpx8C\n"
    "IQClI2xWV2eEjhCMqNw2cVBCPFOYxyNAmUgNfT8lFoxE9Q==\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kStrangerCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBPTCB46ADAgECAhR1EmGIP6ocg9cG4xcpeRo/Kl4qVTAKBggqhkjOPQQDAjAT\n"
    "MREwDwYDVQQDDAhzdHJhbmdlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTI2MDEwMTAw\n"
    "MDAwMFowEzERMA8GA1UEAwwIc3RyYW5nZXIwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
    "BwNCAAQ/SBPev1FE3Tc2Jaypxfx8OyqoQIy3WUvHlm3Ek5xqVgi3Ia0FDR41rBzx\n"
    "y7JJvq8DOpNA+rgSndAtJ8qK3tjcoxMwETAPBgNVHRMBAf8EBTADAQH/MAoGCCqG\n"
    "SM49BAMCA0kAMEYCIQCyFhoExZuqvW6JI1HxfevgrceT17GyeieBogDIP5I3AQIh\n"
    "ALdkEy+BQSTtj3QXEe7ebqGx8YSanZXfECjFgaG41uFB\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kServerCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBWjCCAQCgAwIBAgIUVMCaeaiKlR+7xi6yyoUJpfG+k50wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjYwMTAx\n"
    "MDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
    "BwNCAATRm5hs7DyblGvvLI3Qf7/P0r22cqn2+lb7kRz0ezx53qSwQqKXEjFryIRI\n"
    "UKiH6Zh+6Pn0KI1tbGU65lFBbHxLozEwLzAMBgNVHRMBAf8EAjAAMB8GA1UdEQQY\n"
    "MBaCB25zLnRlc3SCCyoud2lsZC50ZXN0MAoGCCqGSM49BAMCA0gAMEUCIHhOJSPj\n"
    "XGBIzy6Z2arLgujnoVi4nS0cbGjIJvkbkRwXAiEAwP58KbCYHHAxyjJK50XRitje\n"
    "xaIQGNqPVNZBV7VyFPM=\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kServerKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq+oXXguJzInfIj2d\n"
    "sFP+EYqyd2wCOPV6LJ8A5/W+h2ChRANCAATRm5hs7DyblGvvLI3Qf7/P0r22cqn2\n"
    "+lb7kRz0ezx53qSwQqKXEjFryIRIUKiH6Zh+6Pn0KI1tbGU65lFBbHxL\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char kClientCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBUDCB96ADAgECAhQmPyXZALFLtI8xAwjBm0BXC5tX/DAKBggqhkjOPQQDAjAU\n"
    "MRIwEAYDVQQDDAlhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyNjAxMDEw\n"
    "MDAwMDBaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABG5Lepb1AMDyG34TYGN5rqUzuCuYdk9tVXhAcGq+ZW0C/aAljuV0M6Ol3IIo\n"
    "uL00JLY7qaEe3pat2Fxs5Kd8etOjKDAmMAwGA1UdEwEB/wQCMAAwFgYDVR0RBA8w\n"
    "DYILY2xpZW50LnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIgFhDG158Bdw5qTl6lJfB2\n"
    "NB2OjGiMeeME/vowTMZS99YCIQC5hYq86sNHxlnNDClD1R0AuJnAmA2V/oEUBMsZ\n"
    "RXd16g==\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kClientKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg84Li8F1m5KpZQBri\n"
    "Y0Kj735FH8fzygK9+aqasIXmSdmhRANCAARuS3qW9QDA8ht+E2Bjea6lM7grmHZP\n"
    "bVV4QHBqvmVtAv2gJY7ldDOjpdyCKLi9NCS2O6mhHt6WrdhcbOSnfHrT\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char kForeignCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBTDCB86ADAgECAhQ21c3H7vzetPhDclU/MtR8tuPaPzAKBggqhkjOPQQDAjAT\n"
    "MREwDwYDVQQDDAhzdHJhbmdlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTI2MDEwMTAw\n"
    "MDAwMFowEjEQMA4GA1UEAwwHZm9yZWlnbjBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
    "A0IABEeJY9UvfehP2Bus+4/wSJg519ySsLP1FbV5Sh/f3jMcJOKQFNfiekcABNFy\n"
    "vPXXX1ky1JnSINZC7MwQQP6Q55OjJDAiMAwGA1UdEwEB/wQCMAAwEgYDVR0RBAsw\n"
    "CYIHbnMudGVzdDAKBggqhkjOPQQDAgNIADBFAiAtpTo4A8PSIdGeckiFCnrGR9M/\n"
    "J6DNIPF/Bgpc3HOYtQIhAPffElQpe2nfOJf6EZkzon2/MREo+WBW3v4dBBm25nAa\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kForeignKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2xDDaKPLtGvps/MH\n"
    "5Hj7S8txcundmXzMDAnzXtImok+hRANCAARHiWPVL33oT9gbrPuP8EiYOdfckrCz\n"
    "9RW1eUof394zHCTikBTX4npHAATRcrz1119ZMtSZ0iDWQuzMEED+kOeT\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char kExpiredCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBSzCB8qADAgECAhQne2O1/QgX33ckOL3/nKmkXcl5xjAKBggqhkjOPQQDAjAU\n"
    "MRIwEAYDVQQDDAlhdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNMjAwMjAxMDAw\n"
    "MDAwWjASMRAwDgYDVQQDDAdleHBpcmVkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD\n"
    "QgAE8D2AVy6ef34N6ZVJbrUSfxG/OAofhbC2/k3JIeY+cEajlrJmn4/d0K8Hsj/g\n"
    "IQTx83p1XArhzwhvpTrRvfsda6MkMCIwDAYDVR0TAQH/BAIwADASBgNVHREECzAJ\n"
    "ggducy50ZXN0MAoGCCqGSM49BAMCA0gAMEUCIB1/jmE+AO+O4Z7B/wG5VPFHsIMD\n"
    "GsGI2cCM1k2uICJfAiEAzaw70e9BDEU0D0dz7kWsoN3Ho39ZCydK7gPuEwxycTI=\n"
    "-----END CERTIFICATE-----\n";
inline constexpr char kExpiredKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzpbD37tZqKQNo1Ni\n"
    "dSblKqWgb5fXv3+skuNQe4wDfb+hRANCAATwPYBXLp5/fg3plUlutRJ/Eb84Ch+F\n"
    "sLb+Tckh5j5wRqOWsmafj93QrweyP+AhBPHzenVcCuHPCG+lOtG9+x1r\n"
    "-----END PRIVATE KEY-----\n";
/// Of kServerCertificate.
inline constexpr char kServerPin[] = "lNFFq7ZuEd6T8xitpUDudSFWcxFQkyFdkxdSFKN/j7Q=";

}  // namespace zw::test
