/* Tells the server the browser's time zone, in which pages write times for those who have chosen none. */

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const YEAR_IN_SECONDS = 31536000;

// A name of letters, digits and / _ + - needs no encoding in a cookie; anything else is no name that is known here.
if (/^[\w/+-]+$/.test(timeZone || "")) {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `timezone=${timeZone}; Path=/; Max-Age=${YEAR_IN_SECONDS}; SameSite=Lax${secure}`;
}
