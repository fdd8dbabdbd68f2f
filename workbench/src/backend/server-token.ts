const KEY = "vitrine-token";

/** The token of the page's address, kept for this tab. It is taken out of the address: a copied link must not hand it on. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return sessionStorage.getItem(KEY) ?? undefined;
  sessionStorage.setItem(KEY, token);
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
  return token;
}
