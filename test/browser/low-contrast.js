/**
 * The texts of a page whose contrast with what is behind them is below AA (WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for large
 * text), and the controls whose border or own ground is below 3 to 1 (1.4.11), each with its ratio. Evaluated in the page.
 */
globalThis.lowContrast = () => {
  const parse = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const over = (top, ground) => {
    const mixed = (channel) => top[channel] * top.alpha + ground[channel] * (1 - top.alpha);
    return { red: mixed('red'), green: mixed('green'), blue: mixed('blue'), alpha: 1 };
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const channel = value / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  /** What is painted behind the content of an element. */
  const groundOf = (element) => {
    const behind = element.parentElement === null ? parse('rgb(255, 255, 255)') : groundOf(element.parentElement);
    return over(parse(getComputedStyle(element).backgroundColor), behind);
  };
  const isSeen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility() && width > 1 && height > 1;
  };
  const found = { checked: 0, low: [] };
  const check = (what, colour, ground, least) => {
    found.checked += 1;
    const is = ratio(over(colour, ground), ground);
    if (is < least) {
      found.low.push(`${what}: ${is.toFixed(2)} instead of ${least}`);
    }
  };
  const leastOf = ({ fontSize, fontWeight }) => {
    const size = Number.parseFloat(fontSize);
    return size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5;
  };
  for (const element of document.body.querySelectorAll('*')) {
    if (!isSeen(element) || element.closest('.heard') !== null) {
      continue;
    }
    const style = getComputedStyle(element);
    const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
    const text =
      own
        .map(({ data }) => data.trim())
        .join(' ')
        .trim() || element.value;
    if (typeof text === 'string' && text !== '') {
      check(text.slice(0, 40), parse(style.color), groundOf(element), leastOf(style));
    }
    const before = getComputedStyle(element, '::before');
    if (!['none', 'normal', '""'].includes(before.content)) {
      check(before.content, parse(before.color), groundOf(element), leastOf(before));
    }
    if (element.matches('button, input:not([type="radio"]), textarea')) {
      const outside = groundOf(element.parentElement);
      const border = over(parse(style.borderTopColor), outside);
      const best = ratio(border, outside) > ratio(groundOf(element), outside) ? border : groundOf(element);
      check(`${element.id || element.textContent} (control)`, best, outside, 3);
    }
  }
  return found;
};
