// All of it is kept by the clinic now: this browser need not remember it.

import { forget } from "./walk.js";

const page = document.querySelector("[data-walked]");
if (page) forget(page.dataset.walked);
