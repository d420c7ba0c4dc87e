/** Light, dark, or what the system says. */
export type Theme = "light" | "dark" | "system";

export const THEME_COOKIE = "tollgate-theme";

/** Reads the cookie's value; anything unknown is the system's. */
export const themeOf = (cookie: string | undefined): Theme =>
  cookie === "light" || cookie === "dark" ? cookie : "system";
