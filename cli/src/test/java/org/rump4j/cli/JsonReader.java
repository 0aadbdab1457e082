package org.rump4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON, and nothing that is not JSON by RFC 8259. Numbers are Longs, which is all that there should be. */
final class JsonReader {
    private final String text;
    private int pos;

    private JsonReader(String text) {
        this.text = text;
    }

    /** An array of objects. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> objects(String text) {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value();
        reader.space();
        if (reader.pos != text.length()) {
            throw reader.bad("the end");
        }
        return (List<Map<String, Object>>) value;
    }

    private Object value() {
        space();
        return switch (peek()) {
            case '[' -> array();
            case '{' -> object();
            case '"' -> string();
            default -> number();
        };
    }

    private List<Object> array() {
        List<Object> all = new ArrayList<>();
        expect('[');
        space();
        while (peek() != ']') {
            if (!all.isEmpty()) {
                expect(',');
            }
            all.add(value());
            space();
        }
        expect(']');
        return all;
    }

    private Map<String, Object> object() {
        Map<String, Object> all = new LinkedHashMap<>();
        expect('{');
        space();
        while (peek() != '}') {
            if (!all.isEmpty()) {
                expect(',');
                space();
            }
            String key = string();
            space();
            expect(':');
            if (all.put(key, value()) != null) {
                throw bad("no second " + key);
            }
            space();
        }
        expect('}');
        return all;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(pos++);
            if (c < 0x20) {
                throw bad("no control character");
            }
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = text.charAt(pos++);
            switch (escape) {
                case '"', '\\', '/' -> out.append(escape);
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'u' -> {
                    out.append((char) Integer.parseInt(text.substring(pos, pos + 4), 16));
                    pos += 4;
                }
                default -> throw bad("an escape");
            }
        }
        expect('"');
        return out.toString();
    }

    private Long number() {
        int start = pos;
        if (peek() == '-') {
            pos++;
        }
        while (Character.isDigit(peek())) {
            pos++;
        }
        String digits = text.substring(start, pos);
        if (!digits.matches("-?(0|[1-9][0-9]*)")) {
            throw bad("a number");
        }
        return Long.parseLong(digits);
    }

    private void space() {
        while (pos < text.length() && " \n\r\t".indexOf(text.charAt(pos)) >= 0) {
            pos++;
        }
    }

    private char peek() {
        if (pos >= text.length()) {
            throw bad("more");
        }
        return text.charAt(pos);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw bad("a " + c);
        }
        pos++;
    }

    private AssertionError bad(String wanted) {
        return new AssertionError("wanted " + wanted + " at " + pos + " of " + text);
    }
}
