/** Light, dark, or the system's setting. */
export type Theme = "light" | "dark" | "system";

export const THEME_COOKIE = "tollgate-theme";

/** The theme in a cookie's value; unknown values mean the system's. */
export const themeOf = (cookie: string | undefined): Theme =>
  cookie === "light" || cookie === "dark" ? cookie : "system";
