/** A URL is of a granted origin or it is refused, however it is written. */
import { describe, expect, test } from 'vitest';
import { judgeUrl, parseOrigin } from '../host/origin.ts';

describe('an origin in a grant', () => {
  test.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['HTTPS://API.Example.com:443', 'https://api.example.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is %s', (text, origin) => {
    expect(parseOrigin(text)).toEqual({ origin });
  });

  test.each([
    'example.com',
    '//example.com',
    'ftp://example.com',
    'file:///etc/passwd',
    'https://',
    'https://user@example.com',
    'https://user:word@example.com',
    'https://example.com/path',
    'https://example.com?query',
    'https://example.com#fragment',
    'https://*.example.com',
    'https://example.com:99999',
    'https://exam ple.com',
    'https://example.com\\evil',
    '*',
    '',
  ])('%j is none', (text) => {
    expect(parseOrigin(text).problem).toMatch(/^expected an origin such as/);
  });

  test.each([
    ['http://127.1', 'http://127.0.0.1'],
    ['http://2130706433', 'http://127.0.0.1'],
    ['http://0x7f.1:80', 'http://127.0.0.1'],
    ['https://ex%61mple.com', 'https://example.com'],
    ['http://[0:0:0:0:0:0:0:1]', 'http://[::1]'],
  ])('%s is to be written as %s', (text, origin) => {
    expect(parseOrigin(text).problem).toBe(`expected it as it is read: ${origin}`);
  });
});

describe('a URL', () => {
  const granted = ['https://api.example.com', 'http://127.0.0.1:8080', 'https://xn--bcher-kva.example'];

  test.each([
    'https://api.example.com',
    'https://api.example.com/a/../b?c=d#e',
    'https://API.EXAMPLE.COM/',
    'https://api.example.com:443/',
    'https://@api.example.com/',
    'https://%61pi.example.com/',
    'https:api.example.com/',
    'http://127.0.0.1:8080/x',
    'http://127.1:8080/',
    'https://bücher.example/',
    'https://api.example.com/@https://evil.example/',
  ])('%s is granted', (text) => {
    expect(judgeUrl(text, granted).url?.href).toMatch(/^http/);
  });

  test.each([
    ['https://evil.example/', /https:\/\/evil\.example is not granted/],
    ['http://api.example.com/', /http:\/\/api\.example\.com is not granted/],
    ['https://api.example.com:8443/', /:8443 is not granted/],
    ['http://127.0.0.1/', /is not granted/],
    ['http://localhost:8080/', /is not granted/],
    ['http://127.0.0.2:8080/', /is not granted/],
    ['http://[::ffff:127.0.0.1]:8080/', /is not granted/],
    ['https://api.example.com.evil.example/', /is not granted/],
    ['https://api.example.com./', /is not granted/],
    ['https://xapi.example.com/', /is not granted/],
    ['https://example.com/', /is not granted/],
    ['https://sub.api.example.com/', /is not granted/],
    ['https://аpi.example.com/', /xn--.* is not granted/],
    ['https://api.example.com@evil.example/', /user or a password/],
    ['https://api.example.com:443@evil.example/', /user or a password/],
    ['https://user:word@api.example.com/', /user or a password/],
    ['https://api.example.com%2f@evil.example/', /user or a password/],
    ['https://evil.example#@api.example.com/', /is not granted/],
    ['https://evil.example?@api.example.com/', /is not granted/],
    ['https://evil.example\\@api.example.com/', /backslash/],
    ['https:\\\\api.example.com/', /backslash/],
    [' https://api.example.com/', /white space/],
    ['https://api.exa\nmple.com/', /control character/],
    ['https://api.example.com\0.evil.example/', /control character/],
    ['https://api.example.com%00.evil.example/', /not a URL/],
    ['https://api.example.com%2eevil.example/', /is not granted/],
    ['ftp://api.example.com/', /scheme is ftp:/],
    ['file:///etc/passwd', /scheme is file:/],
    ['data:text/plain,x', /scheme is data:/],
    ['blob:https://api.example.com/x', /scheme is blob:/],
    ['javascript:alert(1)', /scheme is javascript:/],
    ['//api.example.com/', /not a URL/],
    ['/path', /not a URL/],
    ['', /not a URL/],
  ])('%j is refused', (text, why) => {
    expect(judgeUrl(text, granted).denied).toMatch(why);
  });

  test.each([
    ['/path', 'https://api.example.com/path'],
    ['//api.example.com/x', 'https://api.example.com/x'],
    ['//evil.example/x', undefined],
    ['https://evil.example/', undefined],
    ['http:/x', undefined],
  ])('%s, met in a redirect, is judged by what it means there', (text, href) => {
    expect(judgeUrl(text, granted, new URL('https://api.example.com/a')).url?.href).toBe(href);
  });

  test('nothing granted, nothing allowed', () => {
    expect(judgeUrl('https://api.example.com/', []).denied).toBeDefined();
  });
});
