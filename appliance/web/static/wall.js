// The wall (A8): another seat to listen at shows its own buttons at once.

document.addEventListener("change", (event) => {
  if (event.target.id === "wall-seat") {
    event.target.blur();
    document.querySelector("[data-fetch]").dispatchEvent(new CustomEvent("again"));
  }
});
