/** A text with the keys in it cut to the part that lists show, so that no key gets into an address. */
export const shortenedKey = (text: string): string =>
  text.replaceAll(/(tg_[a-z]+_[0-9A-Za-z]{4})[0-9A-Za-z]{34}/g, "$1");
