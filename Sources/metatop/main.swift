print("metatop")
