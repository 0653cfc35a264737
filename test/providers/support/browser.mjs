/** As much of a browser as a login form needs: cookies, redirects and forms. */

/** What a page says in HTML, as text. */
const decode = (text) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll('&amp;', '&');

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return found === null ? undefined : decode(found[1] ?? found[2]);
};

export class Browser {
  #cookies = new Map();

  /** Sends a request as this browser, with its cookies, and does not follow redirects. */
  async send(url, init = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(cookie === '' ? {} : { cookie }) },
      signal: AbortSignal.timeout(30_000),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
    }
    return response;
  }

  /** Opens a page, through redirects within the provider; one that leads to `until` ends the way. */
  async open(url, until, init) {
    let response = await this.send(url, init);
    for (let hops = 0; hops < 20; hops++) {
      const location = response.headers.get('location');
      if (location === null) {
        return { url, status: response.status, html: await response.text() };
      }
      url = new URL(location, url).href;
      if (url.startsWith(until)) {
        return { url, arrived: true };
      }
      response = await this.send(url);
    }
    throw new Error('too many redirects');
  }

  /** Fills in the form of a page that has a field of that name, and sends it. */
  submit(page, field, values, until) {
    const form = [...(page.html?.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi) ?? [])]
      .map(([text]) => text)
      .find((text) => tags(text).some((tag) => attribute(tag, 'name') === field));
    if (form === undefined) {
      throw new Error(`no form with a field ${field}, but status ${page.status}`);
    }
    const body = new URLSearchParams();
    for (const tag of tags(form)) {
      const name = attribute(tag, 'name');
      if (name !== undefined && !/^(?:submit|button|checkbox|radio)$/i.test(attribute(tag, 'type') ?? '')) {
        body.set(name, attribute(tag, 'value') ?? '');
      }
    }
    Object.entries(values).forEach(([name, value]) => body.set(name, value));
    const action = attribute(/<form\b[^>]*>/i.exec(form)[0], 'action') || page.url;
    return this.open(new URL(action, page.url).href, until, { method: 'POST', body });
  }
}

const tags = (form) => form.match(/<(?:input|button)\b[^>]*>/gi) ?? [];
