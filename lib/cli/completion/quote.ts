/** `text` in single quotes, as bash and zsh take it. */
export const singleQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
