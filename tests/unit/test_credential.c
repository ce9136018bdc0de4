/* SPDX-License-Identifier: MIT */
/* The shapes in which a certificate's PEM comes: all of them lead to the same clean body, and each
 * says what was odd. */
#include "test_credential_help.h"

#include "pki/root.h"
#include "pki/validity.h"

/* pump-7.crt, reshaped by `make`, must be taken with exactly these findings and re-encode to the
 * clean file. */
struct shape {
    const char *name;
    void (*make)(const char *clean, struct buf *out);
    const char *codes;
};

static void add_lines(const char *clean, struct buf *out, const char *before, const char *after,
                      bool body_only)
{
    for (const char *p = clean; *p != '\0';) {
        size_t len = strcspn(p, "\n");
        bool armour = *p == '-' && body_only;

        buf_add_str(out, armour ? "" : before);
        buf_add(out, p, len);
        buf_add_str(out, armour ? "\n" : after);
        p += len + (p[len] == '\n');
    }
}

/* Replaces every `from` by `to`. */
static void add_replaced(const char *clean, struct buf *out, const char *from, const char *to)
{
    const char *p = clean, *at;

    while ((at = strstr(p, from)) != NULL) {
        buf_add(out, p, (size_t)(at - p));
        buf_add_str(out, to);
        p = at + strlen(from);
    }
    buf_add_str(out, p);
}

/* The base64 without its line ends. */
static void add_base64(const char *clean, struct buf *out)
{
    const char *from = strchr(clean, '\n') + 1, *to = strstr(clean, "-----END");

    for (; from < to; from++) {
        if (*from != '\n')
            buf_add_char(out, *from);
    }
}

static void add_wrapped(const char *clean, struct buf *out, size_t width)
{
    struct buf body = {0};

    add_base64(clean, &body);
    buf_add_str(out, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < body.len; i += width)
        buf_printf(out, "%.*s\n", (int)width, body.data + i);
    buf_add_str(out, "-----END CERTIFICATE-----\n");
    buf_reset(&body);
}

static void add_utf16(const char *clean, struct buf *out, bool big)
{
    for (; *clean != '\0'; clean++) {
        if (big)
            buf_add_char(out, '\0');
        buf_add_char(out, *clean);
        if (!big)
            buf_add_char(out, '\0');
    }
}

static void clean_lf(const char *c, struct buf *out)
{
    buf_add_str(out, c);
}
static void no_final_newline(const char *c, struct buf *out)
{
    buf_add(out, c, strlen(c) - 1);
}
static void crlf(const char *c, struct buf *out)
{
    add_lines(c, out, "", "\r\n", false);
}
static void crcrlf(const char *c, struct buf *out)
{
    add_lines(c, out, "", "\r\r\n", false);
}
static void cr_only(const char *c, struct buf *out)
{
    add_lines(c, out, "", "\r", false);
}
static void bom(const char *c, struct buf *out)
{
    buf_add_str(out, "\xEF\xBB\xBF");
    buf_add_str(out, c);
}
static void bom_crlf(const char *c, struct buf *out)
{
    buf_add_str(out, "\xEF\xBB\xBF");
    crlf(c, out);
}
static void utf16_le(const char *c, struct buf *out)
{
    buf_add(out, "\xFF\xFE", 2);
    add_utf16(c, out, false);
}
static void utf16_be(const char *c, struct buf *out)
{
    buf_add(out, "\xFE\xFF", 2);
    add_utf16(c, out, true);
}
static void utf16_no_mark(const char *c, struct buf *out)
{
    add_utf16(c, out, false);
}
static void utf16_be_no_mark(const char *c, struct buf *out)
{
    add_utf16(c, out, true);
}
static void bag_attributes(const char *c, struct buf *out)
{
    buf_add_str(out, "Bag Attributes\n    friendlyName: *.pump\nsubject=CN = pump-7\n");
    buf_add_str(out, c);
}
static void text_after(const char *c, struct buf *out)
{
    buf_add_str(out, c);
    buf_add_str(out, "COMMAND PROCESSED OK\n");
}
static void star_after(const char *c, struct buf *out)
{
    buf_add_str(out, c);
    buf_add_str(out, "*");
}
static void star_on_end(const char *c, struct buf *out)
{
    no_final_newline(c, out);
    buf_add_str(out, "*\n");
}
static void del_after(const char *c, struct buf *out)
{
    buf_add_str(out, c);
    buf_add_str(out, "\x7F");
}
static void ctrl_z_after(const char *c, struct buf *out)
{
    buf_add_str(out, c);
    buf_add_str(out, "\x1A");
}
static void ctrl_d_after(const char *c, struct buf *out)
{
    buf_add_str(out, c);
    buf_add_str(out, "\x04");
}
static void in_a_page(const char *c, struct buf *out)
{
    buf_add_str(out, "<html><body><pre>\n");
    buf_add_str(out, c);
    buf_add_str(out, "</pre></body></html>\n");
}
static void nul_at_end(const char *c, struct buf *out)
{
    buf_add(out, c, strlen(c) + 1);
}
static void nul_inside(const char *c, struct buf *out)
{
    buf_add(out, c, 200);
    buf_add_char(out, '\0');
    buf_add_str(out, c + 200);
}
static void blank_after_begin(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----\nM", "----- \nM");
}
static void blank_after_end(const char *c, struct buf *out)
{
    add_replaced(c, out, "END CERTIFICATE-----", "END CERTIFICATE----- ");
}
static void blanks_after_all(const char *c, struct buf *out)
{
    add_lines(c, out, "", "  \n", false);
}
static void tabs_after_all(const char *c, struct buf *out)
{
    add_lines(c, out, "", "\t\n", false);
}
static void blanks_before_all(const char *c, struct buf *out)
{
    add_lines(c, out, "    ", "\n", false);
}
static void blanks_before_body(const char *c, struct buf *out)
{
    add_lines(c, out, " ", "\n", true);
}
static void columns_76(const char *c, struct buf *out)
{
    add_wrapped(c, out, 76);
}
static void columns_20(const char *c, struct buf *out)
{
    add_wrapped(c, out, 20);
}
static void body_one_line(const char *c, struct buf *out)
{
    add_wrapped(c, out, 100000);
}
static void all_one_line(const char *c, struct buf *out)
{
    buf_add_str(out, "-----BEGIN CERTIFICATE-----");
    add_base64(c, out);
    buf_add_str(out, "-----END CERTIFICATE-----");
}
static void blanks_for_newlines(const char *c, struct buf *out)
{
    add_replaced(c, out, "\n", " ");
}
static void end_on_last_line(const char *c, struct buf *out)
{
    add_replaced(c, out, "\n-----END", "-----END");
}
static void blank_line_first(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----\nM", "-----\n\nM");
}
static void blank_line_inside(const char *c, struct buf *out)
{
    buf_add(out, c, 28 + 65 * 3);
    buf_add_str(out, "\n");
    buf_add_str(out, c + 28 + 65 * 3);
}
static void blank_line_every(const char *c, struct buf *out)
{
    add_lines(c, out, "", "\n\n", false);
}
static void four_hyphens(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "----");
}
static void six_hyphens(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "------");
}
static void no_hyphens(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "");
}
static void en_dashes(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "\xE2\x80\x93\xE2\x80\x93\xE2\x80\x93\xE2\x80\x93\xE2\x80\x93");
}
static void em_dashes(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "\xE2\x80\x94\xE2\x80\x94-");
}
static void latin_dashes(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----", "\x96\x96\x96\x96\x96");
}
static void lower_case(const char *c, struct buf *out)
{
    struct buf b = {0};

    add_replaced(c, &b, "BEGIN CERTIFICATE", "begin certificate");
    add_replaced(b.data, out, "END CERTIFICATE", "end certificate");
    buf_reset(&b);
}
static void blank_in_armour(const char *c, struct buf *out)
{
    add_replaced(c, out, "BEGIN CERTIFICATE", " BEGIN  CERTIFICATE ");
}
static void no_begin(const char *c, struct buf *out)
{
    buf_add_str(out, strchr(c, '\n') + 1);
}
static void no_end(const char *c, struct buf *out)
{
    buf_add(out, c, (size_t)(strstr(c, "-----END") - c));
}
static void no_armour(const char *c, struct buf *out)
{
    const char *from = strchr(c, '\n') + 1;

    buf_add(out, from, (size_t)(strstr(c, "-----END") - from));
}
static void label_x509(const char *c, struct buf *out)
{
    add_replaced(c, out, " CERTIFICATE", " X509 CERTIFICATE");
}
static void label_trusted(const char *c, struct buf *out)
{
    add_replaced(c, out, " CERTIFICATE", " TRUSTED CERTIFICATE");
}
static void label_key(const char *c, struct buf *out)
{
    add_replaced(c, out, " CERTIFICATE", " PRIVATE KEY");
}
static void label_unknown(const char *c, struct buf *out)
{
    add_replaced(c, out, " CERTIFICATE", " ZERTIFIKAT");
}
static void label_mismatch(const char *c, struct buf *out)
{
    add_replaced(c, out, "END CERTIFICATE", "END RSA PRIVATE KEY");
}
static void nbsp_inside(const char *c, struct buf *out)
{
    buf_add(out, c, 60);
    buf_add_str(out, "\xC2\xA0");
    buf_add_str(out, c + 60);
}
static void nbsp_before(const char *c, struct buf *out)
{
    add_lines(c, out, "\xC2\xA0", "\n", false);
}
static void zero_width(const char *c, struct buf *out)
{
    buf_add(out, c, 90);
    buf_add_str(out, "\xE2\x80\x8B");
    buf_add_str(out, c + 90);
}
static void literal_n(const char *c, struct buf *out)
{
    add_replaced(c, out, "\n", "\\n");
}
static void literal_rn(const char *c, struct buf *out)
{
    add_replaced(c, out, "\n", "\\r\\n");
}
static void literal_twice(const char *c, struct buf *out)
{
    add_replaced(c, out, "\n", "\\\\n");
}
static void c_strings(const char *c, struct buf *out)
{
    buf_add_str(out, "static const char cert[] =\n");
    add_lines(c, out, "    \"", "\\r\\n\"\n", false);
    buf_add_str(out, ";\n");
}
static void c_strings_bare(const char *c, struct buf *out)
{
    add_lines(c, out, "\"", "\\n\" \\\n", false);
}
static void java_strings(const char *c, struct buf *out)
{
    add_lines(c, out, "\"", "\\n\" +\n", false);
    buf_add_str(out, "\"\";\n");
}
static void json(const char *c, struct buf *out)
{
    struct buf b = {0};

    add_replaced(c, &b, "/", "\\/");
    buf_add_str(out, "{ \"name\": \"pump-7\",\n  \"cert\": \"");
    add_replaced(b.data, out, "\n", "\\n");
    buf_add_str(out, "\" }\n");
    buf_reset(&b);
}
static void json_net(const char *c, struct buf *out)
{
    struct buf b = {0};

    add_replaced(c, &b, "+", "\\u002B");
    buf_add_str(out, "{\"cert\":\"");
    add_replaced(b.data, out, "\n", "\\n");
    buf_add_str(out, "\"}");
    buf_reset(&b);
}
static void header_inside(const char *c, struct buf *out)
{
    add_replaced(c, out, "-----\nM", "-----\nComment: pump\n\nM");
}

static const struct shape shapes[] = {
    {"clean", clean_lf, ""},
    {"no final newline", no_final_newline, ""},
    {"CR LF", crlf, "pem-crlf"},
    {"CR CR LF", crcrlf, "pem-crlf"},
    {"CR", cr_only, "pem-cr-only"},
    {"BOM", bom, "pem-bom"},
    {"BOM, CR LF", bom_crlf, "pem-bom pem-crlf"},
    {"UTF-16 LE", utf16_le, "pem-utf16"},
    {"UTF-16 BE", utf16_be, "pem-utf16"},
    {"UTF-16 LE, no mark", utf16_no_mark, "pem-utf16"},
    {"UTF-16 BE, no mark", utf16_be_no_mark, "pem-utf16"},
    {"bag attributes", bag_attributes, "pem-extra-text"},
    {"text after", text_after, "pem-extra-text"},
    {"* after", star_after, "pem-extra-text"},
    {"* on END", star_on_end, "pem-extra-text"},
    {"DEL after", del_after, "pem-extra-text"},
    {"Ctrl-Z after", ctrl_z_after, "pem-extra-text"},
    {"Ctrl-D after", ctrl_d_after, "pem-extra-text"},
    {"in a page", in_a_page, "pem-extra-text"},
    {"NUL at end", nul_at_end, "pem-nul"},
    {"NUL inside", nul_inside, "pem-nul"},
    {"blank after BEGIN", blank_after_begin, "pem-whitespace"},
    {"blank after END", blank_after_end, "pem-whitespace"},
    {"blanks after all", blanks_after_all, "pem-whitespace"},
    {"tabs after all", tabs_after_all, "pem-whitespace"},
    {"blanks before all", blanks_before_all, "pem-whitespace"},
    {"blanks before body", blanks_before_body, "pem-whitespace"},
    {"76 columns", columns_76, "pem-line-length"},
    {"20 columns", columns_20, "pem-line-length"},
    {"body on one line", body_one_line, "pem-line-length"},
    {"all on one line", all_one_line, "pem-armour"},
    {"blanks for newlines", blanks_for_newlines, "pem-whitespace pem-armour"},
    {"END on last line", end_on_last_line, "pem-armour"},
    {"blank line first", blank_line_first, "pem-blank-line"},
    {"blank line inside", blank_line_inside, "pem-blank-line"},
    {"every second line blank", blank_line_every, "pem-blank-line"},
    {"four hyphens", four_hyphens, "pem-armour"},
    {"six hyphens", six_hyphens, "pem-armour"},
    {"no hyphens", no_hyphens, "pem-armour"},
    {"en dashes", en_dashes, "pem-armour"},
    {"em dashes", em_dashes, "pem-armour"},
    {"Latin dashes", latin_dashes, "pem-armour"},
    {"lower case", lower_case, "pem-armour"},
    {"blanks in armour", blank_in_armour, "pem-armour"},
    {"no BEGIN", no_begin, "pem-armour"},
    {"no END", no_end, "pem-armour"},
    {"no armour", no_armour, "pem-armour"},
    {"X509 CERTIFICATE", label_x509, "pem-label"},
    {"TRUSTED CERTIFICATE", label_trusted, "pem-label"},
    {"PRIVATE KEY", label_key, "pem-label"},
    {"unknown label", label_unknown, "pem-label pem-armour"},
    {"label mismatch", label_mismatch, "pem-label-mismatch"},
    {"NBSP inside", nbsp_inside, "pem-nbsp"},
    {"NBSP before", nbsp_before, "pem-nbsp"},
    {"zero width space", zero_width, "pem-nbsp"},
    {"literal \\n", literal_n, "pem-escaped"},
    {"literal \\r\\n", literal_rn, "pem-escaped"},
    {"literal \\\\n", literal_twice, "pem-escaped"},
    {"C strings", c_strings, "pem-escaped pem-extra-text"},
    {"C strings, bare", c_strings_bare, "pem-escaped"},
    {"Java strings", java_strings, "pem-escaped"},
    {"JSON", json, "pem-escaped pem-extra-text"},
    {"JSON by .NET", json_net, "pem-escaped pem-extra-text"},
    {"header", header_inside, "pem-extra-text"},
};

static void every_shape(void **state)
{
    struct buf clean = slurp(PEM "pump-7.crt");
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct buf text = {0};
        int rc;

        shapes[i].make(clean.data, &text);
        rc = take_buf("pump.pem", &text);
        if (rc != 0 || strcmp(codes(), shapes[i].codes) != 0) {
            print_error("%s: %d, \"%s\" instead of \"%s\"\n", shapes[i].name, rc, codes(),
                        shapes[i].codes);
            wrong++;
            continue;
        }
        assert_int_equal(credential_cert_count(taken), 1);
        assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, true, PEM "pump-7.crt");
    }
    assert_int_equal(wrong, 0);
    buf_reset(&clean);
}

static void severities(void **state)
{
    struct buf clean = slurp(PEM "pump-7.crt"), text = {0};
    const struct finding *f;

    (void)state;
    crlf(clean.data, &text);
    take_buf("pump.pem", &text);
    the("pem-crlf", SEVERITY_NOTE);
    columns_76(clean.data, &text);
    take_buf("pump.pem", &text);
    f = the("pem-line-length", SEVERITY_NOTE);
    assert_text(f->what, "line 2");
    bag_attributes(clean.data, &text);
    take_buf("folder/pump.pem", &text);
    f = the("pem-extra-text", SEVERITY_WARNING);
    assert_text(f->what, "pump.pem has text");
    assert_text(f->what, "line 1");
    assert_text(f->what, "'*'");
    star_on_end(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-extra-text", SEVERITY_WARNING)->what, "'*'");
    del_after(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-extra-text", SEVERITY_WARNING)->what, "0x7F");
    ctrl_z_after(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-extra-text", SEVERITY_WARNING)->what, "0x1A");
    ctrl_d_after(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-extra-text", SEVERITY_WARNING)->what, "0x04");
    text_after(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_null(strstr(the("pem-extra-text", SEVERITY_WARNING)->what, "holds"));
    nbsp_inside(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-nbsp", SEVERITY_WARNING)->what, "line 2");
    nul_inside(clean.data, &text);
    take_buf("pump.pem", &text);
    assert_text(the("pem-nul", SEVERITY_WARNING)->what, "line 4");
    buf_reset(&clean);
}

/* Two files put together without a line end between them. */
static void glued(void **state)
{
    struct buf a = slurp(PEM "pump-7-ca.crt"), b = slurp(PEM "test-sub.crt");

    (void)state;
    a.data[--a.len] = '\0';
    buf_add(&a, b.data, b.len);
    assert_int_equal(take_buf("glued.pem", &a), 0);
    assert_string_equal(codes(), "pem-glued");
    assert_text(the("pem-glued", SEVERITY_WARNING)->what, "glued.pem");
    assert_int_equal(credential_cert_count(taken), 2);
    buf_reset(&b);
}

static void text_dump(void **state)
{
    (void)state;
    assert_int_equal(take_file(PEM "wildcard-text.crt"), 0);
    assert_string_equal(codes(), "pem-extra-text");
    assert_text(the("pem-extra-text", SEVERITY_WARNING)->what, "'*'");
    assert_int_equal(take_file(PEM "bag-attributes.pem"), 0);
    assert_string_equal(codes(), "pem-extra-text");
    assert_int_equal(credential_cert_count(taken), 3);
    assert_non_null(credential_key(taken));
    assert_int_equal(take_file(PEM "trusted.crt"), 0);
    assert_string_equal(codes(), "pem-label");
    assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, true, PEM "pump-7.crt");
}

static void vendor_guide(void **state)
{
    const struct finding *f;

    (void)state;
    assert_int_equal(take_file(PEM "vendor-guide-example.pem"), ERR_VALUE);
    assert_null(taken);
    f = the("pem-damaged", SEVERITY_ERROR);
    assert_text(f->what, "Amazon Root CA 1 (AWS IoT Core, RSA; can never validate an Azure hub), "
                         "with characters changed");
    assert_text(f->what, "line 1 of vendor-guide-example.pem");
    assert_text(f->remedy, "Amazon Root CA 1");
    the("pem-armour", SEVERITY_ERROR);
}

static void character_lost(void **state)
{
    struct buf text = slurp(PEM "pump-7.crt");
    const struct finding *f;

    (void)state;
    memmove(text.data + 300, text.data + 301, text.len - 300);
    text.len--;
    assert_int_equal(take_buf("pump.pem", &text), ERR_VALUE);
    f = the("pem-damaged", SEVERITY_ERROR);
    assert_text(f->what, "line 6 has 63 characters where 64 belong");
    assert_null(strstr(f->what, "looks like"));
    assert_non_null(f->remedy);
}

static void character_strange(void **state)
{
    struct buf text = slurp(PEM "pump-7.crt");

    (void)state;
    text.data[300] = '!';
    assert_int_equal(take_buf("pump.pem", &text), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, "line 6 has '!', which is not base64");
    /* Of a key, nothing is shown. */
    text = slurp(PEM "pump-7.key");
    text.data[300] = '!';
    assert_int_equal(take_buf("pump.key", &text), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, "line 6 has a character");
    assert_null(strchr(findings_get(&said, "pem-damaged")->what, '!'));
}

/* In the signature nothing but its verification can tell. */
static void character_changed(void **state)
{
    struct buf text = slurp(PEM "pump-7.crt");
    char *p = text.data + text.len - 150;

    (void)state;
    *p = *p == 'A' ? 'B' : 'A';
    assert_int_equal(take_buf("pump.pem", &text), 0);
    assert_string_equal(codes(), "");
    assert_true(credential_cert(taken, 0)->self_issued);
    assert_false(credential_cert(taken, 0)->self_signed);
}

static void cut_off(void **state)
{
    struct buf text = slurp(PEM "pump-7.crt");

    (void)state;
    text.len = text.len / 2;
    text.data[text.len] = '\0';
    assert_int_equal(take_buf("pump.pem", &text), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, "has no END line");
    the("pem-armour", SEVERITY_ERROR);
}

static void root_resembled(void **state)
{
    struct buf text = slurp("src/pki/roots/digicert-global-root-g2.pem");
    char *p = text.data + text.len - 150;

    (void)state;
    *p = *p == 'A' ? 'B' : 'A';
    assert_int_equal(take_buf("root.pem", &text), 0);
    assert_text(the("cert-resembles-root", SEVERITY_ERROR)->what, "DigiCert Global Root G2");
    /* Base64 that is broken names it, too. */
    text = slurp("src/pki/roots/digicert-global-root-g2.pem");
    text.data[300] = '?';
    assert_int_equal(take_buf("root.pem", &text), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what,
                "DigiCert Global Root G2 (what Azure's hubs");
}

static void empty_armour(void **state)
{
    static const char text[] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

    (void)state;
    assert_int_equal(take("x.pem", text, sizeof text - 1), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, "nothing in it");
}

/* A good block beside a broken one does not excuse it. */
static void second_damaged(void **state)
{
    struct buf text = slurp(PEM "pump-7-ca.crt"), b = slurp(PEM "test-sub.crt");
    size_t lines = 1;

    (void)state;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    b.data[200] = '*';
    buf_add(&text, b.data, b.len);
    buf_reset(&b);
    assert_int_equal(take_buf("two.pem", &text), ERR_VALUE);
    char where[32];
    snprintf(where, sizeof where, "line %zu of two.pem", lines);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, where);
}

static void assert_left(time_t now, const char *expected)
{
    const struct cert_info info = {.not_before = 1000000, .not_after = 1000000 + 100 * 86400};
    char text[48];

    assert_string_equal(validity_left(&info, now, text, sizeof text), expected);
}

static void validity_in_words(void **state)
{
    char text[48];

    (void)state;
    assert_string_equal(validity_date(1795341600, text, sizeof text), "2026-11-22 10:00 UTC");
    assert_string_equal(validity_date((time_t)INT64_MAX, text, sizeof text), "(no date)");
    assert_left(999999, "not yet valid");
    assert_left(1000000, "100 days left");
    assert_left(1000000 + 98 * 86400, "2 days left");
    assert_left(1000000 + 98 * 86400 + 1, "1 day left");
    assert_left(1000000 + 99 * 86400 + 1, "less than a day left");
    assert_left(1000000 + 100 * 86400, "less than a day left");
    assert_left(1000000 + 100 * 86400 + 1, "expired less than a day ago");
    assert_left(1000000 + 101 * 86400, "expired 1 day ago");
    assert_left(1000000 + 140 * 86400, "expired 40 days ago");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape),
        cmocka_unit_test(severities),
        cmocka_unit_test(glued),
        cmocka_unit_test(text_dump),
        cmocka_unit_test(vendor_guide),
        cmocka_unit_test(character_lost),
        cmocka_unit_test(character_strange),
        cmocka_unit_test(character_changed),
        cmocka_unit_test(cut_off),
        cmocka_unit_test(root_resembled),
        cmocka_unit_test(empty_armour),
        cmocka_unit_test(second_damaged),
        cmocka_unit_test(validity_in_words),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
