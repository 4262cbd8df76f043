// How the work stands, with a way to stop it.
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-stop]")) trigger("stop", {});
});
