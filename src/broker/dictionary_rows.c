/* SPDX-License-Identifier: MIT */
#include "broker/dictionary.h"

#define ANY (-1)

const struct dictionary_row dictionary_rows[] = {
    /* --- names --- */
    {SYMPTOM_NAME_UNKNOWN, ANY, BROKER_AZURE,
     "There is no host {host}: the hub's name is misspelt, the hub was deleted, or it lives in "
     "another cloud than this ending says.",
     "Compare with the host name on the hub's overview page in the portal."},
    {SYMPTOM_NAME_UNKNOWN, ANY, BROKER_AWS,
     "There is no host {host}: its first part or the region is misspelt.",
     "`aws iot describe-endpoint --endpoint-type iot:Data-ATS` prints the right one."},
    {SYMPTOM_NAME_UNKNOWN, ANY, ANY, "There is no host of the name {host}.",
     "Check the spelling. A name of an internal network is known inside that network only."},
    {SYMPTOM_NAME_SERVER, ANY, ANY, "No name server could be asked for the address of {host}.",
     "Check that this machine has a network and a name server. A device on the same network would "
     "be stuck here too."},
    {SYMPTOM_TIMEOUT, PROBE_NAMES, ANY,
     "The name server did not answer within {limit} s, so that the address of {host} is not known.",
     "Check that this machine has a network and a name server. A device on the same network would "
     "be stuck here too."},

    /* --- TCP --- */
    {SYMPTOM_REFUSED, PROBE_TCP, BROKER_AZURE,
     "{host} is there, but takes no connection on port {port}.",
     "IoT Hub takes MQTT on port 8883 alone. If that is what the job says, a firewall on the way "
     "refuses it."},
    {SYMPTOM_REFUSED, PROBE_TCP, ANY, "The host is there, but nothing listens on port {port}.",
     "Check the port (8883 for MQTT over TLS, 1883 without), and whether the broker runs."},
    {SYMPTOM_BLOCKED, ANY, ANY,
     "Port {port} does not answer, port 443 of the same host does: a firewall between here and "
     "there drops port {port}.",
     "Have outgoing connections to {host}, port {port}, allowed. The device needs them too."},
    {SYMPTOM_TIMEOUT, PROBE_TCP, ANY,
     "Neither port {port} nor port 443 of {host} answers: the host is down, the address is wrong, "
     "or a firewall drops everything.",
     "Check host and port; try from another network (a telephone's) to tell which it is."},
    {SYMPTOM_UNREACHABLE, ANY, ANY, "There is no way from this machine to {host}.",
     "Check this machine's network: cable, WLAN, VPN."},

    /* --- is it TLS at all --- */
    {SYMPTOM_HTTP, ANY, ANY, "A web server or a proxy answers on port {port}, no MQTT broker.",
     "Check host and port (8883 for MQTT over TLS, 1883 without)."},
    {SYMPTOM_SSH, ANY, ANY, "An SSH server answers on port {port}, no MQTT broker.",
     "Check host and port (8883 for MQTT over TLS, 1883 without)."},
    {SYMPTOM_NOT_TLS, ANY, ANY, "Something answers on port {port}, but it does not speak TLS.",
     "Check port and TLS setting: 8883 with TLS, 1883 without."},
    {SYMPTOM_TLS_VERSION, ANY, ANY,
     "The server offers only versions of TLS that are too old (below 1.2).",
     "The broker has to be brought up to date, or its tls_version setting changed."},
    {SYMPTOM_CLOSED, PROBE_TLS_SYSTEM, ANY,
     "The connection was taken, and closed as soon as TLS began: port {port} does not speak TLS, "
     "or a firewall on the way cuts TLS off.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_CLOSED, PROBE_TLS_DEVICE, ANY,
     "The connection was taken, and closed as soon as TLS began: port {port} does not speak TLS, "
     "or a firewall on the way cuts TLS off.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_TIMEOUT, PROBE_TLS_SYSTEM, ANY,
     "Port {port} takes the connection and then says nothing to TLS for {limit} s: it does not "
     "speak TLS, or something on the way swallows it.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_TIMEOUT, PROBE_TLS_DEVICE, ANY,
     "Port {port} takes the connection and then says nothing to TLS for {limit} s: it does not "
     "speak TLS, or something on the way swallows it.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_TLS_SLOW, ANY, ANY, "TLS with the server was begun, and not done within {limit} s.",
     "The server, or the way to it, is very slow: try again. A device gives up in the same way."},
    {SYMPTOM_TLS_OTHER, ANY, ANY, "TLS with the server could not be set up.",
     "The words in brackets are the TLS library's; the broker's log may say more."},

    /* --- the server's certificate --- */
    {SYMPTOM_WRONG_ROOT, PROBE_TLS_DEVICE, BROKER_AZURE,
     "The hub's certificate[ (issued by {issuer})] does not lead to the server CA of this job. The "
     "device will refuse to connect.",
     "IoT Hub's certificates lead to DigiCert Global Root G2: put that one into the slot, and "
     "Microsoft RSA Root Certificate Authority 2017 too if there is room. `comcert show FILE` "
     "says which root a file holds."},
    {SYMPTOM_WRONG_ROOT, PROBE_TLS_DEVICE, BROKER_AWS,
     "The endpoint's certificate[ (issued by {issuer})] does not lead to the server CA of this "
     "job. "
     "The device will refuse to connect.",
     "Put Amazon Root CA 1 into the slot (CA 3 for ECDSA), and use the endpoint with -ats in its "
     "name."},
    {SYMPTOM_WRONG_ROOT, PROBE_TLS_DEVICE, BROKER_HIVEMQ,
     "The broker's certificate[ (issued by {issuer})] does not lead to the server CA of this job. "
     "The device will refuse to connect.",
     "HiveMQ Cloud's certificates lead to ISRG Root X1: put that one into the slot."},
    {SYMPTOM_WRONG_ROOT, PROBE_TLS_DEVICE, ANY,
     "The server's certificate[ (issued by {issuer})] does not lead to the server CA of this job. "
     "The device will refuse to connect.",
     "Put the root certificate at the end of that chain into the slot: the broker's operator has "
     "it."},
    {SYMPTOM_WRONG_ROOT, PROBE_TLS_SYSTEM, ANY,
     "This machine knows no root for the server's certificate[ (which is issued by {issuer})], and "
     "the job names no server CA.",
     "Name the broker's root certificate as certificates.server-ca: the device needs it too."},
    {SYMPTOM_WRONG_ROOT, ANY, ANY,
     "The server showed a certificate[ (issued by {issuer})] that does not lead to a root that is "
     "trusted.",
     "All servers behind this name need certificates of the same CA: the broker's operator has to "
     "look at it."},
    {SYMPTOM_INTERMEDIATE, ANY, ANY,
     "The server CA of this job did issue the server's certificate, but it is an intermediate, not "
     "the root: some devices take that, others refuse it.",
     "Put the root certificate into the slot[: it is called {issuer}]."},
    {SYMPTOM_SELF_SIGNED, ANY, ANY,
     "The server shows a certificate that it has signed itself[ ({culprit})], and that is not the "
     "one in the server CA slot.",
     "If that is the right server, put its certificate into the slot; better, have it get one from "
     "a CA."},
    {SYMPTOM_LOOKALIKE_ROOT, ANY, ANY,
     "The server CA of this job bears the right name, but another key: it is an older or newer one "
     "of the same name, or a forgery.",
     "Get the root certificate anew from the broker's operator."},
    {SYMPTOM_SERVER_EXPIRED, ANY, ANY,
     "The certificate of the server, or one above it, has expired[: {culprit}, on {date}].",
     "This machine's clock says {now}: if that is right, the broker's operator has to renew the "
     "certificate (or, if it is the root, you need the new one)."},
    {SYMPTOM_SERVER_NOT_YET, ANY, ANY,
     "The certificate of the server, or one above it, is not valid yet[: {culprit}, from {date}].",
     "This machine's clock says {now}: most probably it is slow. A device whose clock is not set "
     "refuses the server in the same way."},
    {SYMPTOM_WRONG_HOST, ANY, ANY,
     "The server's certificate is for another name than {host}[: it is for {names}].",
     "Give the broker's full DNS name, as the certificate has it; not an IP address, not a short "
     "name."},
    {SYMPTOM_SERVER_PURPOSE, ANY, ANY,
     "The server's certificate must not be used by a server[: {culprit}].",
     "The broker's operator has to make one with serverAuth, issued by a CA with CA:TRUE."},
    {SYMPTOM_SERVER_WEAK, ANY, ANY,
     "A certificate of the server has a key or a signature that is too weak[: {culprit}].",
     "The broker's operator has to make one with RSA 2048 or EC P-256, and SHA-256."},
    {SYMPTOM_SERVER_OTHER, ANY, ANY, "The server's certificate cannot be trusted[: {culprit}].",
     "The words in brackets are the TLS library's; the broker's operator has to look at it."},

    /* --- the device's certificate --- */
    {SYMPTOM_CERT_MISSING, ANY, ANY,
     "The broker wants a client certificate, and the job has none (or no key for it).",
     "Name certificates.device-cert and certificates.device-key in the job."},
    {SYMPTOM_CERT_KIND, ANY, ANY,
     "The broker wants a client certificate, but none with the kind of key that the job's has, so "
     "that it was not shown.",
     "Use a certificate with a key of another kind (RSA 2048, or EC P-256), or have the broker "
     "take "
     "this kind: its signature algorithms say which it takes."},
    {SYMPTOM_CERT_UNUSABLE, ANY, ANY, "{reason}.", NULL},
    {SYMPTOM_ALERT_HANDSHAKE, PROBE_TLS_SYSTEM, ANY,
     "The server found no cipher, curve or version in common with this machine.",
     "The broker's ciphers or its certificate have to be looked at; `openssl s_client -connect "
     "{host}:{port}` shows more."},
    {SYMPTOM_ALERT_HANDSHAKE, PROBE_TLS_DEVICE, ANY,
     "The server found no cipher, curve or version in common with this machine.",
     "The broker's ciphers or its certificate have to be looked at; `openssl s_client -connect "
     "{host}:{port}` shows more."},
    {SYMPTOM_ALERT_HANDSHAKE, ANY, ANY,
     "The server did not go on after the device certificate was shown: it takes no such key or "
     "signature, or did not get the certificate.",
     "Use an RSA 2048 or EC P-256 key with a SHA-256 certificate; the broker's log says which it "
     "was."},
    {SYMPTOM_ALERT_UNKNOWN_CA, ANY, BROKER_AZURE,
     "The hub does not know who issued the device certificate, or the intermediate between was not "
     "sent.",
     "Upload the CA to the hub and have it verified; put the intermediates into the same file as "
     "the device certificate, leaf first."},
    {SYMPTOM_ALERT_UNKNOWN_CA, ANY, ANY,
     "The broker does not know the CA that issued the device certificate, or the intermediate "
     "between the two was not sent.[ It says that it takes certificates of: {cas}.]",
     "Have the CA added at the broker (mosquitto: cafile), or use a certificate of a CA that it "
     "knows; put intermediates into the same file as the device certificate, leaf first."},
    {SYMPTOM_ALERT_EXPIRED, ANY, ANY,
     "The broker says that the device certificate, or one above it, has expired.",
     "`comcert show FILE` gives its dates. If it is still valid, the broker's clock is wrong; else "
     "make a new certificate."},
    {SYMPTOM_ALERT_BAD_CERT, ANY, BROKER_AWS,
     "AWS refused the device certificate: it is not registered, not active, or not yet valid.",
     "Look it up under Security, Certificates in the AWS IoT console: it has to be there, active, "
     "with a policy."},
    {SYMPTOM_ALERT_BAD_CERT, ANY, ANY,
     "The broker says that the device certificate is bad: most often it is not valid yet by the "
     "broker's clock.",
     "`comcert show FILE` says from when it is valid; this machine's clock says {now}. Wait, or "
     "set the clocks, or make it anew."},
    {SYMPTOM_ALERT_UNSUPPORTED, ANY, ANY,
     "The broker does not take this kind of certificate from a client: it is for servers only "
     "(extended key usage without clientAuth).",
     "Make a device certificate with the extended key usage clientAuth."},
    {SYMPTOM_ALERT_REVOKED, ANY, ANY, "The broker says that the device certificate was revoked.",
     "Ask whoever revoked it for a new one."},
    {SYMPTOM_ALERT_CERT_UNKNOWN, ANY, BROKER_AWS,
     "AWS does not know the device certificate, or it is not active.",
     "Register it, set it to active and attach a policy."},
    {SYMPTOM_ALERT_CERT_UNKNOWN, ANY, ANY,
     "The broker did not like the device certificate, and does not say why.",
     "The broker's log says more. Check who issued it, its dates, and its extended key usage "
     "(`comcert show FILE`)."},
    {SYMPTOM_ALERT_DENIED, ANY, ANY,
     "The broker knows the device certificate, but it may not come in with it.",
     "Check at the broker what this certificate is allowed to do."},
    {SYMPTOM_ALERT_SIGNATURE, ANY, ANY,
     "The broker could not verify the device's signature: the key does not fit the certificate.",
     "Use the key that the certificate was made with."},
    {SYMPTOM_ALERT_NAME, ANY, ANY, "The server knows of no host {host}.",
     "Give the broker's full DNS name."},
    {SYMPTOM_ALERT_OTHER, ANY, ANY, "The server broke TLS off.",
     "The words in brackets are the TLS alert's; the broker's log may say more."},
    {SYMPTOM_CLOSED, PROBE_CERTIFICATE, BROKER_AWS,
     "AWS hung up when it saw the device certificate: it is not registered or not active.",
     "Look it up under Security, Certificates in the AWS IoT console: it has to be there, active, "
     "with a policy."},
    {SYMPTOM_CLOSED, PROBE_CERTIFICATE, ANY,
     "The broker hung up when it saw the device certificate, without a reason.",
     "The broker's log says more. Check who issued it, its dates, and its extended key usage "
     "(`comcert show FILE`)."},
    {SYMPTOM_TIMEOUT, PROBE_CERTIFICATE, ANY,
     "The server said nothing more for {limit} s after the device certificate was shown.",
     "Try again; if it stays like this, the broker's log may say more."},

    /* --- CONNECT --- */
    {SYMPTOM_CONNACK_VERSION, ANY, ANY, "The broker does not take MQTT 3.1.1.",
     "The device and this probe speak 3.1.1: the broker has to allow it."},
    {SYMPTOM_CONNACK_ID, ANY, BROKER_AZURE, "The hub does not take the client ID {id}.",
     "The client ID has to be the device ID, letter for letter."},
    {SYMPTOM_CONNACK_ID, ANY, ANY, "The broker does not take the client ID[ {id}].",
     "Check mqtt.client-id: it must not be empty, and the broker may have rules for it."},
    {SYMPTOM_CONNACK_UNAVAILABLE, ANY, ANY,
     "The broker says that it cannot serve at the moment: overloaded, suspended, or starting.",
     "Try again later; at a cloud, look whether the quota is used up or the service suspended."},
    {SYMPTOM_CONNACK_PASSWORD, ANY, BROKER_AZURE,
     "The hub does not take user name or password: the user name is not of the form "
     "HOST/DEVICE-ID/?api-version=2021-04-12, or the password is no valid SAS token.",
     "`comcert check` shows the user name as it should be. With a certificate there must be no "
     "password."},
    {SYMPTOM_CONNACK_PASSWORD, ANY, ANY,
     "The broker does not take user name or password. With certificates: one without a common name "
     "(CN) gives this answer too.",
     "Check mqtt.username and mqtt.password-file at the broker."},
    {SYMPTOM_CONNACK_DENIED, ANY, BROKER_AZURE,
     "The hub knows the device, but does not let it in, or does not know it: thumbprint or common "
     "name is not what is registered, the device is disabled or registered for another way of "
     "authenticating, or an IP filter keeps this network out.",
     "Compare the thumbprint of `comcert show` with the portal's, and the certificate's CN with "
     "the device ID; look at the device's status, and at the hub's Connections log, which says the "
     "reason."},
    {SYMPTOM_CONNACK_DENIED, ANY, BROKER_HIVEMQ,
     "The broker does not let this client in: user name or password are wrong, or the name of the "
     "host was not sent with TLS.",
     "Check mqtt.username and mqtt.password-file; the device has to send the host's name (SNI)."},
    {SYMPTOM_CONNACK_DENIED, ANY, ANY,
     "The broker does not let this client in: user name, password, certificate or client ID are "
     "not what it expects.",
     "Check at the broker who may come in; its log says what it did not like."},
    {SYMPTOM_CONNACK_OTHER, ANY, ANY,
     "The broker refused with a code that MQTT 3.1.1 does not have.", "Its log says more."},
    {SYMPTOM_TLS_PORT, ANY, ANY,
     "Port {port} speaks TLS, and the job says that the device does not (mqtt.tls = false).",
     "Set mqtt.tls = true, and load a server CA."},
    {SYMPTOM_NOT_MQTT, PROBE_CONNECT, ANY, "What answers on port {port} does not speak MQTT.",
     "Check host and port (8883 for MQTT over TLS, 1883 without)."},
    {SYMPTOM_CLOSED, PROBE_CONNECT, BROKER_AWS,
     "AWS hung up instead of answering: the certificate is not active, has no policy, or its "
     "policy does not allow iot:Connect for client/{id}.",
     "Check the certificate's status and policy in the AWS IoT console; CloudWatch has the "
     "reason."},
    {SYMPTOM_CLOSED, PROBE_CONNECT, BROKER_AZURE,
     "The hub hung up instead of answering: it does not know the device, or not with this "
     "certificate or token.",
     "Compare thumbprint, common name and device ID with the portal; the hub's Connections log "
     "says the reason."},
    {SYMPTOM_CLOSED, PROBE_CONNECT, ANY,
     "The broker hung up instead of answering CONNECT, without a reason: it does not want this "
     "client (certificate, client ID), or it is no MQTT broker.",
     "Its log says more."},
    {SYMPTOM_TIMEOUT, PROBE_CONNECT, ANY,
     "The broker did not answer CONNECT within {limit} s: it is stuck, or no MQTT broker.",
     "Try again; then look at the broker, and at the port."},

    /* --- after CONNECT --- */
    {SYMPTOM_NOT_MQTT, ANY, ANY,
     "The broker let the device in, and then sent something that is no MQTT 3.1.1.",
     "Check that host and port are a broker's, and that it speaks MQTT 3.1.1; its log may say "
     "more."},
    {SYMPTOM_FLOOD, ANY, ANY,
     "The other side sends more than any broker has to say to this client.",
     "Check host and port: this is no broker, or one that should not be trusted."},
    {SYMPTOM_CLOSED, PROBE_PUBLISH, BROKER_AZURE,
     "The hub let the device in and hung up on the message: the topic {topic} is not one that this "
     "device may send to.",
     "It has to be devices/{id}/messages/events/ with the connected device's own ID."},
    {SYMPTOM_CLOSED, PROBE_PUBLISH, BROKER_AWS,
     "AWS let the device in and hung up on the message: the policy does not allow iot:Publish for "
     "topic/{topic}.",
     "Add it to the certificate's policy."},
    {SYMPTOM_CLOSED, PROBE_PUBLISH, ANY,
     "The broker let the device in and hung up on the message: it may not publish to {topic}, or "
     "another client with the ID {id} has just connected.",
     "Check the broker's access rules for this topic, and that no other device bears this ID."},
    {SYMPTOM_TIMEOUT, PROBE_PUBLISH, ANY,
     "The message was sent, and the broker did not acknowledge it within {limit} s.",
     "Try again; then look at the broker's log."},
    {SYMPTOM_DENIED, ANY, ANY, "The broker does not let this client subscribe to that filter.",
     "Check the broker's access rules, or watch with another client that may."},
    {SYMPTOM_CLOSED, PROBE_SUBSCRIBE, ANY,
     "The broker hung up when this client wanted to subscribe: it may not.",
     "Check the broker's access rules, or watch with another client that may."},
    {SYMPTOM_TIMEOUT, PROBE_SUBSCRIBE, ANY, "The broker did not answer SUBSCRIBE within {limit} s.",
     "Try again; then look at the broker's log."},
    {SYMPTOM_NOT_BACK, ANY, ANY,
     "The message was acknowledged, but it did not come back within {limit} s. Either this client "
     "may publish and not read, or the broker dropped the message: MQTT 3.1.1 cannot say so.",
     "Look at the broker's access rules for publishing to {topic}; watch with another client that "
     "may read it."},

    /* --- wherever it happens --- */
    {SYMPTOM_CLOSED, ANY, ANY, "The other side closed the connection without a reason.",
     "Try again; then look at the broker's log."},
    {SYMPTOM_RESET, PROBE_TLS_SYSTEM, ANY,
     "The connection was cut as soon as TLS began: port {port} does not speak TLS, or a firewall "
     "on the way cuts TLS off.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_RESET, PROBE_TLS_DEVICE, ANY,
     "The connection was cut as soon as TLS began: port {port} does not speak TLS, or a firewall "
     "on the way cuts TLS off.",
     "Check port and TLS setting: 8883 with TLS, 1883 without. If they are right, try from another "
     "network."},
    {SYMPTOM_RESET, ANY, ANY, "The connection was cut.",
     "Try again; if it stays like this, the broker or a firewall on the way does it: the broker's "
     "log tells which."},
    {SYMPTOM_REFUSED, ANY, ANY, "The connection was refused.",
     "Try again; the broker may have stopped."},
    {SYMPTOM_TIMEOUT, ANY, ANY, "Nothing came back within {limit} s.", "Try again."},
    {SYMPTOM_LOCAL, ANY, ANY, "This machine could not go on[: {reason}].", NULL},
    {SYMPTOM_DIED, ANY, ANY, "The probe ended of itself, which it should not.",
     "Try again; if it happens again, it is a fault of comcert."},
};

const size_t dictionary_row_count = sizeof dictionary_rows / sizeof dictionary_rows[0];
